"""What can go wrong with texts and models, named after what to do next.

NlpError
├── ModelMissing   the weights are not there, or are not the ones Koe knows; install them or choose others
├── ModelFails     a model that runs elsewhere gives no vectors; see to its server, then run again
└── BadLine        a line of the input is not what it should be; a person must change it
"""


class NlpError(Exception):
    """Something went wrong while reading texts."""


class ModelMissing(NlpError):
    """A model's weights are not there, or are not the ones that were meant."""


class ModelFails(NlpError):
    """A model that runs elsewhere gives no vectors, or none that can be used."""


class BadLine(NlpError):
    """A line of the input is not what it should be; the message names it."""

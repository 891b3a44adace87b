"""Who reads a knowledge base that does not tell it: customers, or one's own people alone."""

from collections.abc import Mapping
from typing import Literal

from connectors.errors import Refused
from connectors.ports import Setting, Words

Audience = Literal["public", "internal"]
AUDIENCES: tuple[Audience, ...] = ("public", "internal")


def audience_setting(of: Words, *, usual: Audience) -> Setting:
    """Return the setting `audience` of such a place, called as it is in a sentence."""
    label: Words = {
        "en": f"Who reads the {of['en']} (public: customers, internal: your own people)",
        "ja": f"{of['ja']}の読者（public: お客様、internal: 社内）",
    }
    return Setting(name="audience", label=label, needed="never", choices=AUDIENCES, default=usual)


def audience_in(settings: Mapping[str, str], *, usual: Audience) -> Audience:
    """Return who was said to read it. Raises Refused for anybody else."""
    told = settings.get("audience", "").strip() or usual
    for one in AUDIENCES:
        if told == one:
            return one
    raise Refused(f"the setting 'audience' must be {' or '.join(AUDIENCES)}")

"""The way out of the weekly digest: the mail server, the hour, and the link by which one leaves."""

import base64
import binascii
from dataclasses import dataclass

from connectors.smtp import MailServer
from service.access.hosts import address_of
from service.config import Settings
from service.errors import Unavailable, WrongUse
from service.rules.digests import DAYS, Rhythm
from service.sealing import Seal

ABOUT = "leaving the digest"
"""What the token of such a link is good for, and for nothing else."""
LONGEST_TOKEN = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who a link to leave was made for."""

    organisation_id: str
    person_id: str


def rhythm_of(settings: Settings) -> Rhythm:
    """Return when digests go out."""
    return Rhythm(day=DAYS.index(settings.digest_day), hour=settings.digest_hour)


def mail_server(settings: Settings) -> MailServer | None:
    """Return what takes letters; None, the default, where nobody named one.

    Raises WrongUse, which repeats no credentials, for settings that do not fit together: every mail leads
    back to Koe, so its address has to be known.
    """
    if settings.smtp_url is None:
        return None
    if settings.smtp_from is None:
        raise WrongUse("KOE_SMTP_FROM must say whom mails are from, such as Koe <koe@example.com>.")
    if settings.public_url is None:
        raise WrongUse("KOE_PUBLIC_URL must be set where KOE_SMTP_URL is: mails lead back to Koe.")
    try:
        return MailServer.at(settings.smtp_url.get_secret_value(), settings.smtp_from)
    except ValueError as error:
        raise WrongUse(f"KOE_SMTP_URL or KOE_SMTP_FROM: {error}.") from None


def leaving(settings: Settings, organisation_id: str, person_id: str) -> str:
    """Return the address at which one person gives up the digest, without signing in."""
    sealed = Seal.of(settings).seal(f"{organisation_id}\0{person_id}", ABOUT)
    token = base64.urlsafe_b64encode(sealed).decode().rstrip("=")
    return f"{address_of(settings)}/unsubscribe/{token}"


def who_leaves(settings: Settings, token: str) -> Reader | None:
    """Return for whom a link was made; None where the token is none of ours."""
    if len(token) > LONGEST_TOKEN or not token.isascii():
        return None
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        organisation_id, _, person_id = Seal.of(settings).open(sealed, ABOUT).partition("\0")
    except (binascii.Error, ValueError, Unavailable):
        return None
    return Reader(organisation_id=organisation_id, person_id=person_id)

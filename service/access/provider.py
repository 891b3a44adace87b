"""The organisation's own sign-in: a provider of OpenID Connect, asked by code with PKCE.

Authlib knows the protocol and checks what is signed; every call leaves by the one door for calls to other
systems. What is signed with no key of the provider's, or with none at all, is believed nowhere.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlencode

import httpx

from connectors.errors import ConnectorError, Refused
from connectors.http import Http
from connectors.url import web_address
from service.access.id_token import Keys, proved
from service.access.turned_away import TurnedAway
from service.config import Settings
from service.errors import WrongUse
from service.rules.admission import Admission, read_admission

KNOWN_FOR = 3600.0
"""Seconds for which what a provider says of itself is believed without asking again."""
LEFT_ALONE_FOR = 5.0
"""Seconds in which one that does not answer is not asked again: who waits for it holds a thread."""
MOST_BODY = 512 * 1024
"""Bytes of an answer: some providers have many keys."""
SCOPES = ("openid", "email", "profile")
ADDRESS = re.compile(r"https?://[!-~]{1,4000}")
"""A page, in letters that may stand in a header."""
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """What one way to the provider and back is known by."""

    back_to: str
    """The address that the browser comes back to."""
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a provider says of the person who signed in there."""

    issuer: str
    subject: str
    email: str | None
    verified: bool
    name: str
    groups: tuple[str, ...]


class Provider:
    """One provider, as the settings name it."""

    def __init__(
        self,
        http: Http,
        *,
        issuer: str,
        client_id: str,
        client_secret: str | None,
        admission: Admission,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.admission = admission
        self._http = http
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock
        self._keys = Keys(self._ask)
        self._said: tuple[float, Fields] | None = None
        self._away_until = 0.0

    @classmethod
    def of(cls, settings: Settings, door: Callable[[], Http]) -> "Provider | None":
        """Return the provider of the settings, None where none is set.

        Raises WrongUse for settings that do not fit together.
        """
        if settings.oidc_issuer is None:
            return None
        if not settings.oidc_client_id:
            raise WrongUse("KOE_OIDC_CLIENT_ID must say what the provider of KOE_OIDC_ISSUER calls Koe.")
        if find_spec("authlib") is None:
            raise WrongUse("KOE_OIDC_ISSUER needs what is not installed: pip install 'koe[oidc]'.")
        try:
            web_address(settings.oidc_issuer, what="KOE_OIDC_ISSUER")
            admission = read_admission(
                settings.oidc_domains, settings.oidc_roles, trusts_email=settings.oidc_trust_email
            )
        except (Refused, ValueError) as error:
            raise WrongUse(f"KOE_OIDC_…: {error}.") from error
        secret = settings.oidc_client_secret
        return cls(
            door(),
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=secret.get_secret_value() if secret else None,
            admission=admission,
        )

    @property
    def name(self) -> str:
        """The host that people know it by."""
        return web_address(self._issuer).host

    def way_out(self, trip: Trip, *, state: str) -> str:
        """Return the address at which to sign in. Raises TurnedAway."""
        said = self._itself()
        scopes = [*SCOPES, *(["groups"] if "groups" in self._groups_scope(said) else [])]
        client = self._client(said, trip)
        address, _ = client.create_authorization_url(
            self._place(said, "authorization_endpoint"),
            state=state,
            code_verifier=trip.verifier,
            nonce=trip.nonce,
            scope=" ".join(scopes),
        )
        if not ADDRESS.fullmatch(address):
            raise TurnedAway("setup", "the address at which to sign in cannot be opened")
        return str(address)

    def fetch(self, trip: Trip, code: str) -> Told:
        """Return what the provider says of whoever came back with a code. Raises TurnedAway."""
        said = self._itself()
        tokens = self._exchange(said, trip, code)
        raw, access = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(raw, str):
            raise TurnedAway("invalid", "no ID token came")
        claims = proved(
            raw,
            self._keys,
            keys_at=self._place(said, "jwks_uri"),
            issuer=str(said["issuer"]),
            client_id=self._client_id,
            nonce=trip.nonce,
            access_token=access if isinstance(access, str) else None,
            now=int(self._clock()),
        )
        return self._told(said, claims, access)

    def is_issuer(self, named: str) -> bool:
        """Say whether a name that came back with a code is this provider's (RFC 9207)."""
        return named.rstrip("/") == self._issuer.rstrip("/")

    def _told(self, said: Fields, claims: Fields, access: object) -> Told:
        """Add what the provider tells elsewhere: some put no address and no groups into the ID token."""
        lacks_groups = bool(self.admission.roles) and not _groups(claims)
        elsewhere: Fields = {}
        if ("email" not in claims or lacks_groups) and isinstance(access, str):
            elsewhere = self._of_person(said, str(claims["sub"]), access)
        more = {**elsewhere, **claims}
        email, verified = _vouched(claims, elsewhere)
        return Told(
            issuer=str(claims["iss"]),
            subject=str(claims["sub"]),
            email=email,
            verified=verified,
            name=next((more[key] for key in ("name", "preferred_username") if _is_name(more.get(key))), ""),
            groups=_groups(more),
        )

    def _of_person(self, said: Fields, subject: str, access: str) -> Fields:
        """Return what is told of a person with their token; nothing where that is of somebody else."""
        if "userinfo_endpoint" not in said:
            return {}
        told = self._ask(self._place(said, "userinfo_endpoint"), {"authorization": f"Bearer {access}"})
        if told.get("sub") != subject:
            raise TurnedAway("invalid", "the provider told of somebody else")
        return told

    def _exchange(self, said: Fields, trip: Trip, code: str) -> Fields:
        from authlib.oauth2.base import OAuth2Error

        try:
            tokens: Fields = self._client(said, trip).fetch_token(
                self._place(said, "token_endpoint"),
                grant_type="authorization_code",
                code=code,
                redirect_uri=trip.back_to,
                code_verifier=trip.verifier,
            )
        except OAuth2Error as error:
            # A code that was used, or is too old, is the browser's matter; everything else is Koe's.
            raise TurnedAway(
                "stale" if error.error == "invalid_grant" else "setup", str(error.error)
            ) from error
        except httpx.HTTPStatusError as error:
            raise TurnedAway("away", f"it answered {error.response.status_code}") from error
        except ValueError as error:
            raise TurnedAway("setup", "what it answered to the code cannot be read") from error
        return tokens

    def _client(self, said: Fields, trip: Trip) -> Any:
        from authlib.oauth2.client import OAuth2Client

        ways = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        basic = "client_secret_basic" in ways or "client_secret_post" not in ways
        way = "none" if not self._client_secret else "client_secret_basic" if basic else "client_secret_post"
        return OAuth2Client(
            _Line(self._http),
            client_id=self._client_id,
            client_secret=self._client_secret,
            token_endpoint_auth_method=way,
            redirect_uri=trip.back_to,
            code_challenge_method="S256",
        )

    def _itself(self) -> Fields:
        """Return what the provider says of itself; it must be what the settings say."""
        now = self._clock()
        if self._said is not None and now - self._said[0] < KNOWN_FOR:
            return self._said[1]
        if now < self._away_until:
            raise TurnedAway("away", "it did not answer a moment ago")
        try:
            said = self._ask(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            if not self.is_issuer(str(said.get("issuer", ""))):
                raise TurnedAway("setup", "what KOE_OIDC_ISSUER names calls itself something else")
        except TurnedAway:
            self._away_until = now + LEFT_ALONE_FOR
            raise
        self._said = (now, said)
        return said

    def _groups_scope(self, said: Fields) -> list[str]:
        """Return the scopes that it knows, where groups are wanted: some refuse what they do not know."""
        known = said.get("scopes_supported")
        return known if self.admission.roles and isinstance(known, list) else []

    def _place(self, said: Fields, name: str) -> str:
        place = said.get(name)
        if not isinstance(place, str):
            raise TurnedAway("setup", f"the provider tells no {name}")
        return place

    def _ask(self, url: str, headers: Mapping[str, str] | None = None) -> Fields:
        try:
            answer = self._http.send("GET", url, headers={"accept": "application/json", **(headers or {})})
            found = json.loads(answer.body)
        except Refused as error:
            raise TurnedAway("setup", str(error)) from error
        except ConnectorError as error:
            raise TurnedAway("away", str(error)) from error
        except ValueError as error:
            raise TurnedAway("setup", "what it says of itself cannot be read") from error
        if not isinstance(found, dict):
            raise TurnedAway("setup", "what it says of itself cannot be read")
        return found


class _Line:
    """What Authlib sends by: the one door for calls to other systems."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def post(
        self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: Any
    ) -> httpx.Response:
        """Send a form, proved by `auth`, and return the answer, a refusal too. Raises TurnedAway."""
        url, proving, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        try:
            answer = self._http.send("POST", url, headers=proving, content=body.encode(), asks=True)
            status, content = answer.status, answer.body
        except Refused as error:
            if error.status is None:
                raise TurnedAway("setup", str(error)) from error
            status, content = error.status, error.body
        except ConnectorError as error:
            raise TurnedAway("away", str(error)) from error
        return httpx.Response(status, content=content, request=httpx.Request("POST", url))


def _vouched(*places: Fields) -> tuple[str | None, bool]:
    """Return the address that is told first, and whether a place that tells the same one calls it verified.

    What one place says of an address is nothing that it says of another's.
    """
    telling = [place for place in places if "email" in place]
    email = telling[0]["email"] if telling else None
    words = (
        place["email_verified"] for place in telling if place["email"] == email and "email_verified" in place
    )
    return email if isinstance(email, str) else None, next(words, None) in (True, "true")


def _groups(told: Fields) -> tuple[str, ...]:
    """Return the groups of a person; some providers call them roles, and tell a single one as a text."""
    found = list[str]()
    for key in ("groups", "roles"):
        given = told.get(key)
        found += [given] if isinstance(given, str) else given if isinstance(given, list) else []
    return tuple(one for one in found if isinstance(one, str))


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())

"""What a provider signs about a person: believed only where its own key signed it, for Koe, now, and once."""

from collections.abc import Callable, Mapping
from typing import Any

from service.access.turned_away import TurnedAway

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Those with a key that only the provider has: never `none`, and none with a secret that both know."""
LEEWAY = 60
"""Seconds that two clocks may differ by."""
MOST_LETTERS = 255
"""Of what an account is called for ever, as the standard has it."""
Fields = Mapping[str, Any]


class Keys:
    """The keys of a provider, asked for again whenever something is signed by one that is not known."""

    def __init__(self, ask: Callable[[str], Fields]) -> None:
        self._ask = ask
        self._known: tuple[str, list[Any]] = ("", [])

    def of(self, header: Fields, *, keys_at: str) -> Any:
        """Return the key that a header names; without a name the only one that fits. Raises TurnedAway."""
        place, known = self._known
        if place != keys_at or (found := _fitting(known, header)) is None:
            self._known = (keys_at, _read(self._ask(keys_at)))
            found = _fitting(self._known[1], header)
        if found is None:
            raise TurnedAway("invalid", "it is signed with a key that the provider does not have")
        return found


def proved(
    raw: str,
    keys: Keys,
    *,
    keys_at: str,
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str | None,
    now: int,
) -> Fields:
    """Return what an ID token says. Raises TurnedAway for one that is not the provider's, for Koe, now."""
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError

    try:
        token = jwt.decode(
            raw, lambda signed: keys.of(signed.headers(), keys_at=keys_at), algorithms=ALGORITHMS
        )
        claims = CodeIDToken(
            token.claims,
            token.header,
            options={
                "iss": {"essential": True, "value": issuer},
                "aud": {"essential": True, "value": client_id},
                "sub": {"essential": True},
            },
            params={"nonce": nonce, "client_id": client_id, "access_token": access_token},
        )
        claims.validate(now=now, leeway=LEEWAY)
    except ExpiredTokenError as error:
        raise TurnedAway("clock", "what the provider signed is over") from error
    except InvalidClaimError as error:
        is_early = error.claim in ("iat", "nbf")
        raise TurnedAway("clock" if is_early else "invalid", f"{error.claim} is wrong") from error
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise TurnedAway("invalid", type(error).__name__) from error
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= MOST_LETTERS or "\0" in subject:
        raise TurnedAway("invalid", "sub is wrong")
    return dict(claims)


def _read(said: Fields) -> list[Any]:
    """Return the keys that can prove a signature; those of kinds that nobody knows are left out."""
    from joserfc.errors import JoseError
    from joserfc.jwk import import_key

    found = []
    given = said.get("keys")
    for each in given if isinstance(given, list) else []:
        if not isinstance(each, dict) or each.get("kty") == "oct" or each.get("use", "sig") != "sig":
            continue
        try:
            found.append(import_key(each, each.get("kty")))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return found


def _fitting(keys: list[Any], header: Fields) -> Any:
    kid = header.get("kid")
    if kid is not None:
        return next((key for key in keys if key.kid == kid), None)
    return keys[0] if len(keys) == 1 else None

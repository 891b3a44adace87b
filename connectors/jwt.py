"""JSON Web Tokens (RFC 7519), by which programs prove themselves to Apple and Google with a private key."""

import base64
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from connectors.errors import Refused

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
GOOD_FOR = timedelta(minutes=10)
EARLY = timedelta(seconds=30)
"""Before now that it is good from: the other clock may be late."""
PEM = re.compile(r"-----BEGIN ([A-Z ]{1,30})-----(.*?)-----END \1-----", re.DOTALL)
BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
WIDTH = 64


def private_key(text: str, *, setting: str) -> Key:
    """Return the key that a setting holds, however its lines were pasted.

    Raises Refused, naming the setting and repeating nothing of it, where it is none.
    """
    found = PEM.search(text.replace("\\n", "\n"))
    inner = re.sub(r"\s", "", found[2]) if found else ""
    if found is None or BASE64.fullmatch(inner) is None:
        raise Refused(f"the setting {setting!r} must be the whole key, from “-----BEGIN” to its end")
    lines = [inner[first : first + WIDTH] for first in range(0, len(inner), WIDTH)]
    pem = "\n".join([f"-----BEGIN {found[1]}-----", *lines, f"-----END {found[1]}-----", ""])
    try:
        key = load_pem_private_key(pem.encode("ascii"), password=None)
    except (ValueError, TypeError) as error:
        wrong = f"the setting {setting!r} holds a key that cannot be read, or one with a password"
        raise Refused(wrong) from error
    if isinstance(key, rsa.RSAPrivateKey) or (
        isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)
    ):
        return key
    raise Refused(f"the setting {setting!r} holds a key of another kind")


def token(key: Key, claims: Mapping[str, object], *, at: datetime, key_id: str | None = None) -> str:
    """Return a token with these claims, good from a time on, signed by ES256 or RS256 as the key asks for."""
    algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
    header = {"alg": algorithm, "typ": "JWT"} | ({"kid": key_id} if key_id else {})
    began = int((at - EARLY).timestamp())
    good = {"iat": began, "exp": began + int(GOOD_FOR.total_seconds())}
    signed = b".".join(_encoded(json.dumps(one).encode()) for one in (header, {**claims, **good}))
    return b".".join([signed, _encoded(_signature(key, signed))]).decode("ascii")


def _signature(key: Key, signed: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(signed, padding.PKCS1v15(), SHA256())
    numbers = decode_dss_signature(key.sign(signed, ec.ECDSA(SHA256())))
    return b"".join(number.to_bytes(32, "big") for number in numbers)


def _encoded(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")

"""How Koe proves itself to the stores of apps, and what it says when they refuse."""

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connectors.errors import Refused, RetryLater
from connectors.jwt import private_key, token
from connectors.ports import Heard
from connectors.registry import open_source
from tests.contract.sources import Asked, app_store, google_play
from tests.site import address_of, site
from tests.sourcing import DOOR, opened
from tests.speaker import Call, Say, answers, speaker

AT = datetime(2026, 5, 1, tzinfo=UTC)


def read(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


class TestTokens:
    def test_apple_can_check_them(self) -> None:
        made = token(private_key(app_store.PEM, setting="x"), {"iss": "i"}, at=AT, key_id="k")
        header, claims, signature = made.split(".")
        assert json.loads(read(header)) == {"alg": "ES256", "typ": "JWT", "kid": "k"}
        told = json.loads(read(claims))
        assert told["iat"] <= AT.timestamp() < told["exp"] <= told["iat"] + 20 * 60
        raw = read(signature)
        assert len(raw) == 64
        der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        signed = f"{header}.{claims}".encode()
        app_store.KEY.public_key().verify(der, signed, ec.ECDSA(SHA256()))
        with pytest.raises(InvalidSignature):
            app_store.KEY.public_key().verify(der, signed + b"x", ec.ECDSA(SHA256()))

    def test_google_can_check_them(self) -> None:
        made = token(private_key(google_play.PEM, setting="x"), {"iss": "i"}, at=AT)
        signed, _, signature = made.rpartition(".")
        assert json.loads(read(signed.partition(".")[0])) == {"alg": "RS256", "typ": "JWT"}
        key = google_play.KEY.public_key()
        key.verify(read(signature), signed.encode(), padding.PKCS1v15(), SHA256())

    @pytest.mark.parametrize(("old", "new"), [("\n", " "), ("\n", "\\n"), ("\n", "\r\n"), ("\n", "")])
    def test_a_key_is_known_however_its_lines_were_pasted(self, old: str, new: str) -> None:
        key = private_key(f" {app_store.PEM.replace(old, new)} ", setting="x")
        assert key.private_numbers() == app_store.KEY.private_numbers()

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "5ecret",
            "-----BEGIN PRIVATE KEY----- 5ecret -----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY----- 鍵 -----END PRIVATE KEY-----",
            ec.generate_private_key(ec.SECP384R1())
            .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            .decode(),
        ],
    )
    def test_what_is_no_such_key_is_refused_and_not_repeated(self, text: str) -> None:
        with pytest.raises(Refused, match="private_key") as failed:
            private_key(text, setting="private_key")
        assert "5ecret" not in str(failed.value)


class TestAppStore:
    def test_an_individual_key_names_no_issuer(self) -> None:
        with site(app_store.EXAMPLE.check) as server:
            settings = {**app_store.EXAMPLE.settings, "address": address_of(server), "issuer_id": ""}
            open_source("app-store", settings, DOOR).check()
            claims = json.loads(read(server.calls[0].headers["authorization"].split(".")[1]))
        assert (claims["sub"], claims.get("iss")) == ("user", None)

    def test_a_walk_ends_with_what_was_known_a_week_before(self) -> None:
        with site(app_store.EXAMPLE.walk) as server:
            source = opened("app-store", address_of(server))
            assert source.page(datetime(2026, 5, 9, tzinfo=UTC), None).cursor is None
            first = source.page(AT, None)
            assert first.cursor is not None
            assert source.page(None, first.cursor).cursor is not None


class TestGooglePlay:
    @pytest.mark.parametrize(
        ("status", "error", "told"),
        [
            ("403 Forbidden", {"status": "PERMISSION_DENIED", "errors": [{"reason": "x"}]}, "Play Console"),
            ("403 Forbidden", {"errors": [{"reason": "accessNotConfigured"}]}, "enable"),
            (
                "403 Forbidden",
                {"status": "PERMISSION_DENIED", "details": [{"reason": "SERVICE_DISABLED"}]},
                "enable",
            ),
            ("404 Not Found", {"status": "NOT_FOUND"}, "package name"),
        ],
    )
    def test_each_refusal_says_what_to_do(self, status: str, error: object, told: str) -> None:
        with speaker(refusing(status, error)) as server, pytest.raises(Refused, match=told):
            opened("google-play", address_of(server)).check()

    def test_a_spent_quota_is_waited_for(self) -> None:
        spent = {"errors": [{"reason": "rateLimitExceeded"}]}
        with speaker(refusing("403 Forbidden", spent)) as server, pytest.raises(RetryLater):
            opened("google-play", address_of(server)).page(None, None)

    def test_a_key_that_was_deleted_is_named(self) -> None:
        body = b'{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}'
        with (
            speaker(answers("400 Bad Request", body=body)) as server,
            pytest.raises(Refused, match="key was not deleted"),
        ):
            opened("google-play", address_of(server)).check()

    def test_a_review_without_a_title_is_read(self) -> None:
        only = google_play.review("gp:AOqp-3", "まだです。")
        listed = Asked(target=f"{google_play.LIST}?maxResults=100", answer={"reviews": [only]})
        with site([google_play.TOKEN, listed]) as server:
            (found,) = opened("google-play", address_of(server)).page(None, None).events
        assert isinstance(found, Heard)
        assert found.said[0].text == "まだです。"

    @pytest.mark.parametrize("text", ["{", "[]", '{"client_email": "a", "private_key": "5ecret"}'])
    def test_what_is_no_key_file_is_refused_and_not_repeated(self, text: str) -> None:
        with pytest.raises(Refused, match="service_account") as failed:
            open_source("google-play", {"package": "com.example.app", "service_account": text}, DOOR)
        assert "5ecret" not in str(failed.value)


def refusing(status: str, error: object) -> Say:
    """Give a token, and refuse all else."""

    def say(call: Call) -> None:
        if call.head.startswith("POST"):
            answers("200 OK", body=b'{"access_token": "t0ken"}')(call)
        else:
            answers(status, body=json.dumps({"error": error}).encode())(call)

    return say

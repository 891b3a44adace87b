"""Calls to other systems, against a server on this machine that answers whatever bytes a test wants."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.answers import LONGEST_PAUSE, retry_after
from connectors.changes import changing
from connectors.errors import ConnectorError, Refused, RetryLater, Uncertain
from connectors.http import MOST_BODY, Http
from connectors.writing import Writer
from tests.certificates import Authority
from tests.speaker import Say, Speaker, answers, drips, hangs, resets, says, speaker

SECRET = "s3cr3t"
NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)


LEAVES_IT_UNCERTAIN: dict[str, Say] = {
    "nothing": says(b""),
    "an empty line": says(b"\r\n"),
    "another protocol": says(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "half a status line": says(b"HTTP/1.1 200"),
    "no status": says(b"HTTP/1.1 2xx OK\r\n\r\n"),
    "a cut body": says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\ncut"),
    "two lengths": says(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
    "a negative length": says(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
    "a cut chunk": says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ncut"),
    "a broken chunk": says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "a broken header": says(b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n"),
    "a change of protocol": says(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
    "a header without end": says(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000),
    "any bytes": says(bytes(range(256)) * 8),
    "a reset": resets,
    "silence": hangs,
    "a drip": drips(b""),
    "a drip of headers": drips(b"HTTP/1.1 200 OK\r\nX-Endless: "),
    "a drip of a body": drips(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"),
    "a drip without a length": drips(b"HTTP/1.1 200 OK\r\n\r\n"),
}


def secret_url(server: Speaker) -> str:
    return f"http://127.0.0.1:{server.port}/hooks/{SECRET}?key={SECRET}"


@pytest.fixture
def http() -> Http:
    return Http(private_hosts=("127.0.0.1",))


@pytest.fixture
def hasty() -> Http:
    return Http(private_hosts=("127.0.0.1",), seconds=0.5)


class TestAnswers:
    def test_what_was_asked_arrives_and_the_answer_comes_back(self, http: Http) -> None:
        with speaker(answers("200 OK", "X-Name: ok", body=b'{"id": 1}')) as server:
            headers = {"Content-Type": "application/json", "User-Agent": "Koe (tests)"}
            answer = http.send("POST", secret_url(server), headers=headers, content="声".encode())
        assert (answer.status, answer.headers["x-name"], answer.json()) == (200, "ok", {"id": 1})
        assert answer.whole
        call = server.calls[0]
        lines = call.head.lower().split("\r\n")
        assert lines[0] == f"post /hooks/{SECRET}?key={SECRET} http/1.1"
        host = f"host: 127.0.0.1:{server.port}"
        assert {host, "content-length: 3", "content-type: application/json", "user-agent: koe (tests)"} <= {
            *lines
        }
        assert call.body == "声".encode()

    def test_of_a_long_answer_the_beginning_is_kept(self, http: Http) -> None:
        with speaker(drips(b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * (MOST_BODY + 1))) as server:
            answer = http.send("GET", secret_url(server))
        assert (answer.body, answer.whole) == (b"a" * MOST_BODY, False)
        with pytest.raises(Uncertain, match="no JSON"):
            answer.json()

    def test_an_answer_of_just_the_longest_length_is_whole(self, http: Http) -> None:
        with speaker(answers("200 OK", body=b"a" * MOST_BODY)) as server:
            assert http.send("GET", secret_url(server)).whole

    @pytest.mark.parametrize("body", [b"", b"ok", b"\xff", b"{", b"<html>", b"[" * 30_000])
    def test_a_body_that_is_no_json_leaves_it_uncertain(self, body: bytes, http: Http) -> None:
        with speaker(answers("200 OK", body=body)) as server:
            answer = http.send("POST", secret_url(server))
        with pytest.raises(Uncertain, match=r"^127\.0\.0\.1:\d+ answered 200 with something"):
            answer.json()

    @pytest.mark.parametrize(
        ("body", "is_page"),
        [
            (b"<!DOCTYPE html><title>Sign in</title>", True),
            (b"\xef\xbb\xbf\n <HTML lang=ja>", True),
            (b"<html>", True),
            (b"ok", False),
            (b"<htmlx>", False),
            (b'{"page": "<html>"}', False),
            (b"", False),
        ],
    )
    def test_a_page_for_people_is_known_as_one(self, body: bytes, http: Http, *, is_page: bool) -> None:
        with speaker(answers("200 OK", body=body)) as server:
            assert http.send("POST", secret_url(server)).is_page is is_page

    def test_nothing_is_unpacked(self, http: Http) -> None:
        with speaker(answers("200 OK", "Content-Encoding: gzip", body=b"\x1f\x8b")) as server:
            assert http.send("GET", secret_url(server)).body == b"\x1f\x8b"
        assert server.calls[0].headers["accept-encoding"] == "identity"

    def test_all_cookies_are_there_and_of_other_headers_the_last(self, http: Http) -> None:
        told = ("Set-Cookie: a=1; path=/; Expires=Thu, 01 Jan 2037 00:00:00 GMT", "Set-Cookie: b=x=2", "X: 1")
        with speaker(answers("200 OK", *told, "X: 2")) as server:
            answer = http.send("GET", secret_url(server))
        assert answer.cookies == {"a": "1", "b": "x=2"}
        assert answer.headers["x"] == "2"

    def test_no_proxy_of_the_environment_is_used(self, http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        with speaker(answers("204 No Content")) as server:
            assert http.send("POST", secret_url(server)).status == 204


class TestWhatToDoNext:
    @pytest.mark.parametrize(
        ("status", "error", "words"),
        [
            ("301 Moved", Refused, "redirect"),
            ("302 Found", Refused, "redirect"),
            ("307 Temporary", Refused, "redirect"),
            ("304 Not Modified", Refused, "redirect"),
            ("400 Bad Request", Refused, "refused"),
            ("401 Unauthorized", Refused, "does not accept"),
            ("403 Forbidden", Refused, "does not allow"),
            ("404 Not Found", Refused, "nothing at this address"),
            ("405 Not Allowed", Refused, "refused"),
            ("408 Timeout", RetryLater, "busy"),
            ("409 Conflict", Refused, "refused"),
            ("410 Gone", Refused, "nothing more"),
            ("413 Too Large", Refused, "too much"),
            ("422 Unprocessable", Refused, "refused"),
            ("425 Too Early", RetryLater, "busy"),
            ("429 Too Many", RetryLater, "busy"),
            ("500 Error", Uncertain, "failed"),
            ("502 Bad Gateway", Uncertain, "failed"),
            ("503 Unavailable", RetryLater, "busy"),
            ("504 Timeout", Uncertain, "failed"),
            ("599 Unknown", Uncertain, "failed"),
            ("999 Unknown", Uncertain, "failed"),
        ],
    )
    def test_each_status_says_it(
        self, status: str, error: type[ConnectorError], words: str, http: Http
    ) -> None:
        elsewhere = f"Location: http://127.0.0.1:1/{SECRET}"
        with speaker(answers(status, elsewhere, body=b"taro@example.com")) as server:
            with pytest.raises(error, match=words) as raised:
                http.send("POST", secret_url(server))
            assert len(server.calls) == 1
        assert type(raised.value) is error
        assert f"(status {status[:3]})" in str(raised.value)
        told_nothing_but_the_host(raised.value, server)

    def test_what_a_refusal_says_is_there_for_those_who_can_read_it(self, http: Http) -> None:
        with (
            speaker(answers("403 Forbidden", body=b"REQUEST_LIMIT_EXCEEDED")) as server,
            pytest.raises(Refused) as raised,
        ):
            http.send("GET", secret_url(server))
        assert raised.value.body == b"REQUEST_LIMIT_EXCEEDED"

    @pytest.mark.parametrize("say", LEAVES_IT_UNCERTAIN.values(), ids=LEAVES_IT_UNCERTAIN)
    def test_what_may_have_been_done_is_uncertain(self, say: Say, hasty: Http) -> None:
        with speaker(say) as server:
            with pytest.raises(Uncertain) as raised:
                hasty.send("POST", secret_url(server), content=b"taro@example.com")
            told_nothing_but_the_host(raised.value, server)

    @pytest.mark.parametrize("say", [resets, answers("500 Error"), says(b"SSH-2.0-OpenSSH_9.2\r\n")])
    def test_what_only_reads_may_be_read_again(self, say: Say, http: Http) -> None:
        with speaker(say) as server, pytest.raises(RetryLater):
            http.send("GET", secret_url(server))

    def test_a_receiver_that_reads_nothing_holds_nobody(self, hasty: Http) -> None:
        with speaker(hangs) as server, socket.create_server(("127.0.0.1", 0)) as deaf:
            url = secret_url(server).replace(str(server.port), str(deaf.getsockname()[1]))
            with pytest.raises(Uncertain, match="in time"):
                hasty.send("POST", url, content=bytes(20_000_000))

    def test_what_nobody_listens_to_is_asked_later(self, http: Http) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        with pytest.raises(RetryLater, match=rf"^127\.0\.0\.1:{port} cannot be reached$"):
            http.send("POST", f"http://127.0.0.1:{port}/{SECRET}")

    @pytest.mark.parametrize("value", ["a\r\nX-Other: b", "a\0", "\n"])
    def test_a_header_that_would_be_two_is_not_sent(self, value: str, http: Http) -> None:
        with speaker(answers("200 OK")) as server:
            with pytest.raises(Refused, match="header") as raised:
                http.send("POST", secret_url(server), headers={"X-Key": value})
            told_nothing_but_the_host(raised.value, server)
        assert server.calls == []


def told_nothing_but_the_host(error: ConnectorError, server: Speaker) -> None:
    assert str(error).startswith(f"127.0.0.1:{server.port} ")
    assert not any(part in str(error) for part in (SECRET, "taro", "hooks"))


class TestRetryAfter:
    @pytest.mark.parametrize("status", ["429 Too Many", "503 Unavailable"])
    def test_the_pause_that_is_asked_for_is_handed_on(self, status: str, http: Http) -> None:
        with speaker(answers(status, "Retry-After: 17")) as server, pytest.raises(RetryLater) as raised:
            http.send("POST", secret_url(server))
        assert raised.value.after == timedelta(seconds=17)

    @pytest.mark.parametrize(("seconds", "told"), [(90, True), (-90, False)])
    def test_without_one_the_pause_lasts_until_the_other_side_counts_anew(
        self, seconds: int, http: Http, *, told: bool
    ) -> None:
        anew = int((datetime.now(UTC) + timedelta(seconds=seconds)).timestamp())
        busy = answers("429 Too Many Requests", f"X-RateLimit-Reset: {anew}")
        with speaker(busy) as server, pytest.raises(RetryLater) as raised:
            http.send("GET", f"http://127.0.0.1:{server.port}/")
        after = raised.value.after
        assert (after is not None and timedelta() < after <= timedelta(seconds=90)) is told

    def test_it_is_handed_on_though_the_answer_is_cut(self, http: Http) -> None:
        cut = says(b"HTTP/1.1 429 Busy\r\nRetry-After: 3\r\nContent-Length: 100\r\n\r\ncut")
        with speaker(cut) as server, pytest.raises(RetryLater) as raised:
            http.send("POST", secret_url(server))
        assert raised.value.after == timedelta(seconds=3)

    @pytest.mark.parametrize(
        ("value", "after"),
        [
            ("0", timedelta()),
            ("120", timedelta(seconds=120)),
            (" 5 ", timedelta(seconds=5)),
            ("999999", LONGEST_PAUSE),
            ("9" * 5_000, LONGEST_PAUSE),
            ("Sun, 03 May 2026 12:01:00 GMT", timedelta(minutes=1)),
            ("Sun, 03 May 2026 21:01:00 +0900", timedelta(minutes=1)),
            ("Sunday, 03-May-26 12:01:00 GMT", timedelta(minutes=1)),
            ("Sun, 03 May 2026 12:01:00 -0000", timedelta(minutes=1)),
            ("Sun, 03 May 2099 12:01:00 GMT", LONGEST_PAUSE),
            ("Sun, 03 May 2026 11:59:00 GMT", None),
            *((value, None) for value in (None, "", "-1", "1.5", "soon", "１７", "Sun, 99 May 2026", "\x00")),
        ],
        ids=lambda value: ascii(value)[:40],
    )
    def test_it_is_seconds_or_a_date_and_nothing_else(
        self, value: str | None, after: timedelta | None
    ) -> None:
        assert retry_after(value, now=NOW) == after

    @given(st.text())
    def test_nothing_that_it_may_hold_does_harm(self, value: str) -> None:
        after = retry_after(value, now=NOW)
        assert after is None or timedelta() <= after <= LONGEST_PAUSE


class TestTls:
    """The certificate is checked for the name that was asked for, though the address was looked up before."""

    @pytest.fixture
    def authority(self, tmp_path: Path) -> Authority:
        return Authority(tmp_path)

    @pytest.fixture
    def door(self, authority: Authority) -> Http:
        names = ("hooks.example", "other.example")
        return Http(private_hosts=names, ask=lambda *_: ["127.0.0.1"], trust=authority.trust, seconds=5)

    @staticmethod
    @contextmanager
    def served(authority: Authority, name: str) -> Iterator[tuple[int, list[str | None]]]:
        """A server with a certificate for `name`; gives its port and the names that it was asked for."""
        asked: list[str | None] = []
        context = authority.serve(name)
        context.sni_callback = lambda _, server_name, __: asked.append(server_name)

        with speaker(answers("200 OK", body=b"{}")) as server:
            server.socket = context.wrap_socket(server.socket, server_side=True)
            yield server.port, asked

    def test_the_host_is_asked_for_by_its_name(self, authority: Authority, door: Http) -> None:
        with self.served(authority, "hooks.example") as (port, asked):
            assert door.send("POST", f"https://hooks.example:{port}/").json() == {}
            assert door.reach(f"https://hooks.example:{port}/") == f"hooks.example:{port}"
        assert asked == ["hooks.example"] * 2

    def test_a_certificate_for_another_name_is_refused(self, authority: Authority, door: Http) -> None:
        with self.served(authority, "hooks.example") as (port, _):
            for call in (lambda url: door.send("POST", url), door.reach):
                with pytest.raises(Refused, match=r"no valid certificate: .*other\.example"):
                    call(f"https://other.example:{port}/{SECRET}")

    def test_a_certificate_that_nobody_vouches_for_is_refused(self, authority: Authority) -> None:
        stranger = Http(private_hosts=("hooks.example",), ask=lambda *_: ["127.0.0.1"])
        with (
            self.served(authority, "hooks.example") as (port, _),
            pytest.raises(Refused, match="no valid certificate"),
        ):
            stranger.send("POST", f"https://hooks.example:{port}/")

    def test_a_port_without_tls_is_refused(self, door: Http) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            greeter = threading.Thread(target=greet, args=(server,))
            greeter.start()
            with pytest.raises(Refused, match="is the port right"):
                door.reach(f"https://hooks.example:{server.getsockname()[1]}/")
            greeter.join()


def greet(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(b"220 mail.example ESMTP\r\n")


class TestReach:
    def test_it_connects_and_sends_nothing(self, http: Http) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            assert http.reach(f"http://127.0.0.1:{port}/{SECRET}") == f"127.0.0.1:{port}"
            connection, _ = server.accept()
            with connection:
                assert connection.recv(1) == b""

    def test_a_server_that_is_away_is_reached_later(self, http: Http) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        with pytest.raises(RetryLater, match="cannot be reached"):
            http.reach(f"http://127.0.0.1:{port}/")

    def test_what_is_forbidden_is_refused(self) -> None:
        with pytest.raises(Refused, match="not public"):
            Http().reach("https://127.0.0.1/")


class TestChangesOfOneHandOver:
    """Nobody else may hand the same thing over while it is still changed here."""

    def test_none_begins_when_it_is_too_late_and_questions_still_do(self, http: Http) -> None:
        with speaker(answers("200 OK", body=b"{}")) as server, changing(monotonic() - 1):
            with pytest.raises(RetryLater, match="nothing was sent"):
                http.send("POST", secret_url(server))
            assert server.calls == []
            assert http.send("GET", secret_url(server)).status == 200
            assert http.send("POST", secret_url(server), asks=True).status == 200

    def test_those_that_were_taken_are_counted(self, http: Http) -> None:
        said = iter([b'{"id": 1}', b"", b'{"error": "no"}'])
        with (
            speaker(lambda call: answers("200 OK", body=next(said))(call)) as server,
            changing(monotonic() + 60) as changes,
        ):
            writer = Writer(
                http=http,
                base=f"http://127.0.0.1:{server.port}",
                is_refused=lambda told: told["error"].text is not None,
            )
            for _ in range(3):
                writer.send("POST", "things", {})
        assert changes.done == 2

    def test_of_a_question_whose_answer_is_lost_nothing_is_left_uncertain(self, hasty: Http) -> None:
        with speaker(resets) as server, pytest.raises(RetryLater):
            hasty.send("POST", secret_url(server), asks=True)

"""Asking an API: what is told when it refuses, and what may be asked again."""

import pytest

from connectors.asking import Api, one_of_many
from connectors.errors import Refused, RetryLater
from connectors.ports import Changed, Event
from tests.sourcing import DOOR
from tests.speaker import Speaker, answers, speaker


def api(server: Speaker) -> Api:
    base = f"http://127.0.0.1:{server.port}"
    return Api(http=DOOR.http, base=base, advice={401: "copy the token anew"})


class TestRefusals:
    def test_come_with_what_people_can_do_there(self) -> None:
        with speaker(answers("401 Unauthorized")) as server:
            with pytest.raises(Refused, match=r"status 401.*; copy the token anew") as refused:
                api(server).get("/me")
            assert refused.value.status == 401

    def test_of_another_kind_stay_as_they_are(self) -> None:
        with speaker(answers("404 Not Found")) as server:
            with pytest.raises(Refused, match="nothing at this address") as refused:
                api(server).get("/me")
            assert (refused.value.status, "copy" in str(refused.value)) == (404, False)


class TestQuestions:
    @pytest.mark.parametrize("status", ["500 Internal Server Error", "502 Bad Gateway"])
    def test_that_are_posted_may_be_asked_again(self, status: str) -> None:
        with speaker(answers(status)) as server, pytest.raises(RetryLater):
            api(server).post("/search", {})


class TestAddresses:
    @pytest.mark.parametrize("named", ["HTTP://LocalHost:80/next?page=2", "http://localhost./next?page=2"])
    def test_of_one_host_are_one_however_they_are_written(self, named: str) -> None:
        with pytest.raises((Refused, RetryLater)) as failed:
            Api(http=DOOR.http, base="http://localhost").get(named)
        assert "another address" not in str(failed.value)

    @pytest.mark.parametrize(
        "named",
        ["https://localhost/next", "http://localhost:8080/next", "http://localhost.example.com/next"],
    )
    def test_of_another_host_are_not_asked(self, named: str) -> None:
        with pytest.raises(Refused, match="another address"):
            Api(http=DOOR.http, base="http://localhost").get(named)


class TestFinding:
    def test_tells_what_was_deleted_where_the_system_is_alive(self) -> None:
        with speaker(answers("410 Gone")) as server:
            assert api(server).find("/items/1", alive=lambda: None) is None

    def test_takes_nothing_for_deleted_that_may_not_be_seen(self) -> None:
        with speaker(answers("403 Forbidden")) as server, pytest.raises(Refused):
            api(server).find("/items/1", alive=lambda: None)

    def test_takes_nothing_for_deleted_where_the_system_is_not_there(self) -> None:
        with speaker(answers("404 Not Found")) as server, pytest.raises(Refused):
            api(server).find("/items/1", alive=lambda: api(server).get("/items"))


class TestOneOfMany:
    @pytest.mark.parametrize("status", [403, 404, 410, 413])
    def test_is_left_for_later_where_it_is_refused_by_itself(self, status: int) -> None:
        assert list(one_of_many("1", lambda: refused(status))) == [Changed(external_id="1")]

    @pytest.mark.parametrize("status", [400, 401, None])
    def test_stops_where_all_would_be_refused(self, status: int | None) -> None:
        with pytest.raises(Refused):
            list(one_of_many("1", lambda: refused(status)))


def refused(status: int | None) -> list[Event]:
    raise Refused("no", status=status)


def test_an_answer_that_is_too_long_is_refused_by_itself() -> None:
    with speaker(answers("200 OK", body=b" " * (1 << 21))) as server:
        with pytest.raises(Refused) as failed:
            api(server).get("/items/1")
        assert failed.value.status == 413

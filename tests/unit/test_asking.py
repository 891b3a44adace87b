"""Asking an API: what is told when it refuses, and what may be asked again."""

import pytest

from connectors.asking import Api
from connectors.errors import Refused, RetryLater
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

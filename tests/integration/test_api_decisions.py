"""What programs decide: done once however often it is sent, signed, and never half."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, select

from service.db import Database
from service.models import MAIN, Delivery, IdempotentWrite, Intervention, Organisation, Suggestion, Target
from service.repositories.targets import add_target
from tests.api import API, asking, make_token, program, rows

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


@pytest.fixture
def api(demo_db: Database) -> Iterator[httpx.Client]:
    """A program with a write token."""
    with asking(demo_db, "write") as client:
        yield client


@pytest.fixture(scope="module")
def unchanged(read_demo_db: Database) -> Iterator[httpx.Client]:
    """A program with a write token, before a database in which it changes nothing."""
    with asking(read_demo_db, "write") as client:
        yield client


def an_open(api: httpx.Client, **query: str) -> str:
    """Return the address of an open suggestion."""
    found = rows(api, "suggestions", status="open", **query)
    return f"{API}/suggestions/{found[0]['suggestion_id']}"


class TestDeciding:
    def test_accepting_is_signed_and_waits_for_the_targets(
        self, api: httpx.Client, demo_db: Database, tmp_path: Path
    ) -> None:
        with demo_db.begin() as session:
            add_target(session, MAIN, "backlog", "backlog-file", {"path": str(tmp_path / "b.jsonl")})
        path = an_open(api, action="fix_product")
        before = api.get(path).json()
        after = api.post(f"{path}/accept").json()
        assert (after["status"], after["decided_by"][:12]) == ("accepted", "token write ")
        assert after["updated_at"] > before["updated_at"]
        assert [one["state"] for one in after["deliveries"]] == ["pending"]
        assert api.get(path).json() == after
        assert api.post(f"{path}/accept").json() == after

    def test_dismissing_says_why(self, api: httpx.Client) -> None:
        path = an_open(api)
        after = api.post(f"{path}/dismiss", json={"reason": "次の改修で直します。\0"}).json()
        assert (after["status"], after["decision_reason"]) == ("dismissed", "次の改修で直します。\ufffd")
        refused = api.post(f"{path}/accept")
        assert (refused.status_code, "reopen it first" in refused.json()["detail"]) == (409, True)
        assert api.post(f"{path}/reopen").json()["status"] == "open"

    def test_publishing_opens_the_intervention_and_says_so(self, api: httpx.Client) -> None:
        path = an_open(api, action="write_article")
        url = "https://help.example.com/articles/42"
        told = api.post(f"{path}/published", json={"url": url, "at": "2026-05-01T00:30:00+09:00"}).json()
        assert (told["status"], told["published_url"]) == ("done", url)
        opened = told["intervention"]
        assert (opened["kind"], opened["day"]) == ("article", "2026-05-01")
        assert opened["theme_id"] == told["theme_id"]
        assert api.get(path).json()["intervention"] == opened
        again = api.post(f"{path}/published", json={"url": f"{url}-b", "at": "2026-05-03T00:00:00Z"}).json()
        assert (again["intervention"], again["published_url"]) == (opened, f"{url}-b")

    def test_publishing_without_a_body_means_now_and_nowhere(self, api: httpx.Client) -> None:
        told = api.post(f"{an_open(api, action='write_article')}/published").json()
        assert told["published_url"] is None
        occurred_at = datetime.fromisoformat(told["intervention"]["occurred_at"])
        assert abs(datetime.now(UTC) - occurred_at) < timedelta(minutes=5)

    @pytest.mark.parametrize(
        "said",
        [
            {"url": "javascript:alert(1)"},
            {"url": "help.example.com/42"},
            {"url": "https://"},
            {"url": "https://example.com/a b"},
            {"url": "https://example.com/" + "x" * 2000},
            {"url": "https://example.com/\u202e"},
            {"url": "https://[::1"},
            {"at": "2999-01-01T00:00:00Z"},
            {"at": "1999-01-01T00:00:00Z"},
            {"at": "2026-05-01"},
            {"at": 1770000000},
            {"by": "somebody"},
        ],
        ids=lambda said: repr(said)[:40],
    )
    def test_what_cannot_be_meant_publishes_nothing(
        self, unchanged: httpx.Client, said: dict[str, object]
    ) -> None:
        path = an_open(unchanged, action="write_article")
        answer = unchanged.post(f"{path}/published", json=said)
        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert error["pointer"] == f"#/body/{next(iter(said))}"
        assert unchanged.get(path).json()["intervention"] is None

    def test_a_decision_not_to_act_is_not_published(self, api: httpx.Client) -> None:
        assert api.post(f"{an_open(api, action='no_action')}/published").status_code == 409

    @pytest.mark.parametrize("decision", ["accept", "dismiss", "published", "reopen", "leave"])
    def test_another_organisations_suggestion_does_not_exist(
        self, api: httpx.Client, demo_db: Database, decision: str
    ) -> None:
        with demo_db.begin() as session:
            session.add(Organisation(id="rival", name="Rival"))
        path = an_open(api)
        before = api.get(path).json()
        with program(str(api.base_url), make_token(demo_db, "admin", organisation_id="rival")) as rival:
            body = {"reason": "mine"} if decision == "dismiss" else None
            assert rival.post(f"{path}/{decision}", json=body).status_code == 404
        assert api.get(path).json() == before


class TestReplaying:
    @pytest.fixture
    def delivery_id(self, demo_db: Database) -> str:
        now = datetime.now(UTC)
        with demo_db.begin() as session:
            suggestion = session.exec(select(Suggestion)).first()
            assert suggestion
            session.add(Target(id="t", organisation_id=MAIN, name="backlog", kind="backlog-file"))
            session.flush()
            session.add(
                Delivery(
                    id="d",
                    organisation_id=MAIN,
                    subject_id=suggestion.id,
                    suggestion_id=suggestion.id,
                    target_id="t",
                    state="dead",
                    attempts=8,
                    reason="it answered 500",
                    created_at=now,
                    next_at=now,
                    updated_at=now,
                )
            )
        return "d"

    def test_a_delivery_that_was_given_up_waits_again(self, api: httpx.Client, delivery_id: str) -> None:
        path = f"{API}/deliveries/{delivery_id}"
        before = api.get(path).json()
        after = api.post(f"{path}/replay").json()
        assert (before["state"], after["state"] in ("pending", "uncertain")) == ("dead", True)
        assert api.get(path).json() == after
        assert api.post(f"{path}/replay").status_code == 200

    def test_one_that_does_not_exist_is_told_so(self, api: httpx.Client) -> None:
        assert api.post(f"{API}/deliveries/nobody/replay").status_code == 404


class TestKeys:
    def test_the_same_request_again_does_nothing_and_gets_the_first_answer(self, api: httpx.Client) -> None:
        path = an_open(api)
        first = api.post(f"{path}/accept", headers=KEY)
        api.post(f"{path}/reopen")
        again = api.post(f"{path}/accept", headers=KEY)
        assert (again.status_code, again.content) == (200, first.content)
        assert "Idempotent-Replayed" not in first.headers
        assert again.headers["Idempotent-Replayed"] == "true"
        assert api.get(path).json()["status"] == "open"

    def test_json_that_means_the_same_is_the_same_request(self, api: httpx.Client) -> None:
        path = an_open(api, action="write_article")
        bodies = (
            b'{"url": "https://a.example", "at": "2026-05-01T00:00:00Z"}',
            b'{"at":"2026-05-01T00:00:00+00:00","url":"https://a.example"}',
        )
        answers = [
            api.post(f"{path}/published", content=body, headers={**KEY, "Content-Type": "application/json"})
            for body in bodies
        ]
        assert answers[1].headers.get("Idempotent-Replayed") == "true"

    def test_another_request_under_the_same_key_is_refused(self, api: httpx.Client) -> None:
        path = an_open(api)
        api.post(f"{path}/dismiss", json={"reason": "no"}, headers=KEY)
        for answer in (
            api.post(f"{path}/dismiss", json={"reason": "never"}, headers=KEY),
            api.post(f"{path}/reopen", headers=KEY),
        ):
            assert answer.status_code == 422
            assert "Idempotency-Key" in answer.json()["detail"]
        assert api.get(path).json()["decision_reason"] == "no"

    def test_what_failed_is_not_kept(self, api: httpx.Client, demo_db: Database) -> None:
        path = an_open(api)
        api.post(f"{path}/dismiss", json={"reason": "no"})
        assert api.post(f"{path}/accept", headers=KEY).status_code == 409
        with demo_db.begin() as session:
            assert list(session.exec(select(IdempotentWrite))) == []
        api.post(f"{path}/reopen")
        assert api.post(f"{path}/accept", headers=KEY).json()["status"] == "accepted"

    def test_a_key_means_nothing_to_another_caller(self, api: httpx.Client, demo_db: Database) -> None:
        path = an_open(api)
        api.post(f"{path}/accept", headers=KEY)
        with program(str(api.base_url), make_token(demo_db, "write")) as other:
            answer = other.post(f"{path}/dismiss", json={"reason": "no"}, headers=KEY)
        assert answer.status_code == 200

    def test_of_many_at_once_one_does_it_and_the_others_get_its_answer(
        self, api: httpx.Client, demo_db: Database
    ) -> None:
        path = an_open(api, action="write_article")
        token = api.headers["Authorization"].removeprefix("Bearer ")
        together = threading.Barrier(8)
        answers: list[httpx.Response] = []

        def publish() -> None:
            with program(str(api.base_url), token) as client:
                together.wait()
                answers.append(client.post(f"{path}/published", headers=KEY))

        threads = [threading.Thread(target=publish) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [answer.status_code for answer in answers] == [200] * 8
        assert len({answer.content for answer in answers}) == 1
        assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 7
        with demo_db.begin() as session:
            opened = session.exec(select(Intervention).where(col(Intervention.suggestion_id).is_not(None)))
            assert len(list(opened)) == 1


class TestDoing:
    def test_what_was_done_is_noted_once_and_taken_back(self, api: httpx.Client) -> None:
        theme = rows(api, "themes")[0]["theme_id"]
        body = {"theme_id": theme, "kind": "fix", "at": "2026-05-01T09:00:00+09:00"}
        first, second = (api.post(f"{API}/interventions", json=body).json() for _ in range(2))
        assert first == second
        assert first["day"] == "2026-05-01"
        gone = api.post(f"{API}/interventions/{first['notice_id']}/withdraw")
        assert gone.json() == first
        assert api.post(f"{API}/interventions/{first['notice_id']}/withdraw").status_code == 404

    @pytest.mark.parametrize(
        ("wrong", "status"),
        [({"kind": "magic"}, 422), ({"theme_id": "none"}, 404), ({"at": "2999-01-01T00:00:00Z"}, 422)],
    )
    def test_what_makes_no_sense_is_refused(
        self, api: httpx.Client, wrong: dict[str, str], status: int
    ) -> None:
        body = {"theme_id": rows(api, "themes")[0]["theme_id"], "kind": "fix"}
        assert api.post(f"{API}/interventions", json={**body, **wrong}).status_code == status

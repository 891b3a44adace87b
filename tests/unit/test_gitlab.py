"""GitLab as a source, in what it alone does: two ways of proof, authors whom no call names, long lists."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import permutations
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors import signatures
from connectors.errors import Refused, Unproven
from connectors.ports import BadRow, Call, Changed, Event, Heard, Source, Withdrawn
from connectors.registry import SOURCES, open_source
from service.access import senders
from service.access.senders import Receiver
from service.imports import heard
from service.rules.records import FeedbackRecord
from service.rules.versions import Arrival, folded
from tests.contract.sources import BODY, Asked, Sent
from tests.contract.sources.gitlab import AYA, HANA, ISSUES, comment, event, issue, note, shown
from tests.site import address_of, site
from tests.sourcing import DOOR, ELSEWHERE, NOW, call_of
from tests.speaker import Call as Request
from tests.speaker import answers, speaker

SIGNING = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
SIGNED_AT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
HEADERS = {
    "webhook-id": "msg_1",
    "webhook-timestamp": "1700000000",
    "webhook-signature": "v1,n6pIbqrhf2N47bvq4RSuK6FQ8FlIT2scBuIktg2VXgE=",
}


def opened(base: str = ELSEWHERE, **settings: str) -> Source:
    told = {"address": base, "project": "acme/app", "token": "secret", "agents": "hana", **settings}
    return open_source("gitlab", told, DOOR)


def read(content: object, **settings: str) -> list[Event]:
    return list(opened(**settings).read(call_of(Sent(content=content, tells=[]))))


def proven(proof: str, secret: str, headers: Mapping[str, str], body: bytes = BODY) -> str:
    """Return the id of a call that comes to a source that proves itself in this way."""
    receiver = Receiver(organisation_id="main", id="s", proof=proof, secrets=[secret], port=SOURCES["gitlab"])
    call = Call(url="https://koe.example.com/webhooks/app", headers=headers, body=body)
    return senders.prove(receiver, call, in_address=None, now=SIGNED_AT)


class TestProof:
    def test_by_a_signing_token_is_the_published_one(self) -> None:
        assert proven("signature", SIGNING, HEADERS) == "msg_1"

    def test_by_a_signing_token_holds_for_these_bytes_and_this_secret_alone(self) -> None:
        for secret, body in ((SIGNING, BODY + b" "), (signatures.new_secret(), BODY)):
            with pytest.raises(Unproven):
                proven("signature", secret, HEADERS, body)

    def test_a_new_secret_is_one_that_gitlab_takes(self) -> None:
        assert len(signatures.key_of(senders.make_secret(SOURCES["gitlab"].proofs[0]))) == 32

    def test_by_a_secret_token_names_the_call_by_its_key(self) -> None:
        assert proven("bearer", "s3cret", {"x-gitlab-token": "s3cret", "idempotency-key": "k-1"}) == "k-1"

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"x-gitlab-token": ""},
            {"x-gitlab-token": "s3cre"},
            {"x-gitlab-token": "s3cret "},
            {"x-gitlab-token": "秘密"},
            {"x-gitlab-token": "Bearer s3cret"},
            {"authorization": "Bearer s3cret"},
        ],
    )
    def test_by_a_secret_token_is_that_secret_in_gitlabs_own_header(self, headers: dict[str, str]) -> None:
        with pytest.raises(Unproven):
            proven("bearer", "s3cret", headers)


def together(events: list[Event]) -> FeedbackRecord:
    """Return what events that come in this order make of their issue."""
    records = [
        FeedbackRecord.model_validate_json(record.body)
        for record in heard.read(events, received_at=NOW).records
    ]
    return folded([Arrival(place, record) for place, record in enumerate(records)])


class TestAuthors:
    def test_what_an_agent_does_to_an_issue_takes_nothing_from_its_customer(self) -> None:
        opening = read(event("issue", AYA, issue(updated_at="2026-05-01 05:27:58 UTC")))
        labelled = read(event("issue", HANA, issue(updated_at="2026-05-01 06:30:00 UTC")))
        for order in permutations([opening, labelled]):
            whole = together([one for events in order for one in events])
            assert whole.customer_id == "51"
            assert [(one.author_role, one.text) for one in whole.messages] == [
                ("customer", "検索に十秒かかります。")
            ]

    def test_a_comment_that_is_called_and_walked_is_one_message(self) -> None:
        called = read(event("note", HANA, note(), issue=issue()))
        row = shown(user_notes_count=1)
        asked = [Asked(target=f"{ISSUES}/42/notes", answer=[comment()]), Asked(target=ISSUES, answer=[row])]
        with site(asked) as server:
            walked = list(opened(address_of(server)).page(None, None).events)
        for order in permutations([called, walked]):
            whole = together([one for events in order for one in events])
            assert [one.author_role for one in whole.messages] == ["customer", "agent"]

    def test_a_call_without_a_user_is_a_hint_alone(self) -> None:
        told = read(event("note", {}, note(author_id=None), issue=issue()))
        assert told == [Changed(external_id="42")]

    def test_a_customer_who_writes_by_mail_is_one(self) -> None:
        ticket = shown(
            author={"id": 3, "username": "support-bot"},
            issue_type="ticket",
            service_desk_reply_to="aya@example.com",
        )
        with site(
            [Asked(target=f"{ISSUES}/42/notes", answer=[]), Asked(target=ISSUES, answer=ticket)]
        ) as server:
            found = opened(address_of(server)).fetch("42")
        assert isinstance(found, Heard)
        assert (found.said[0].author_role, found.customer.email) == ("customer", "aya@example.com")

    def test_what_a_bot_wrote_is_no_voice(self) -> None:
        bot = shown(author={"id": 3, "username": "project_14_bot_1f2e3d"})
        with site(
            [Asked(target=f"{ISSUES}/42/notes", answer=[]), Asked(target=ISSUES, answer=bot)]
        ) as server:
            assert opened(address_of(server)).fetch("42") == Withdrawn(external_id="42")


class TestSecrecy:
    def test_an_issue_that_has_become_confidential_goes(self) -> None:
        asked = [Asked(target=f"{ISSUES}/42", answer=shown(confidential=True))]
        with site(asked) as server:
            found = opened(address_of(server)).fetch("42")
        assert found == Withdrawn(external_id="42", at=datetime(2026, 5, 1, 6, tzinfo=UTC))

    @pytest.mark.parametrize("kept", [{"confidential": True}, {"internal": True}])
    def test_a_note_among_the_team_is_never_told(self, kept: dict[str, object]) -> None:
        assert read(event("note", HANA, note(**kept), issue=issue())) == []


class TestWalking:
    def test_a_second_in_which_much_changed_is_walked_page_by_page(self) -> None:
        rows = [shown(iid=number) for number in range(1, 101)]

        def say(request: Request) -> None:
            asked = parse_qs(urlsplit(request.head.split(" ")[1]).query)
            start = (int(asked["page"][0]) - 1) * 40
            answers("200 OK", body=json.dumps(rows[start : start + 40]).encode())(request)

        found: list[str] = []
        cursor: str | None = None
        with speaker(say) as server:
            for _ in range(10):
                page = opened(address_of(server)).page(None, cursor)
                found += [one.external_id for one in page.events if isinstance(one, Heard)]
                if (cursor := page.cursor) is None:
                    break
        assert cursor is None
        assert set(found) == {str(number) for number in range(1, 101)}

    def test_more_comments_than_a_page_holds_are_fetched(self) -> None:
        def say(request: Request) -> None:
            target = urlsplit(request.head.split(" ")[1])
            found: object = [shown(user_notes_count=250)]
            if target.path.endswith("/notes"):
                number = int(parse_qs(target.query)["page"][0])
                found = [comment(id=one) for one in range(number * 100, min(number * 100 + 100, 350))]
            elif target.path.endswith("/42"):
                found = shown(user_notes_count=250)
            answers("200 OK", body=json.dumps(found).encode())(request)

        with speaker(say) as server:
            told = opened(address_of(server)).page(None, None).events
            assert told[1:] == [Changed(external_id="42")]
            whole = opened(address_of(server)).fetch("42")
            assert len(server.calls) == 2 + 4
        assert isinstance(whole, Heard)
        assert len(whole.said) == 251


class TestSettingUp:
    @pytest.mark.parametrize("project", ["app", "https://gitlab.com/acme/app"])
    def test_a_project_is_a_path_or_a_number(self, project: str) -> None:
        with pytest.raises(Refused, match="'project' must be a path"):
            opened(project=project)

    def test_a_project_is_known_by_its_number_too(self) -> None:
        assert read(event("issue", AYA, issue()), project="14") == read(event("issue", AYA, issue()))

    def test_a_call_of_another_project_says_so(self) -> None:
        (row,) = read(event("issue", AYA, issue()), project="acme/other")
        assert isinstance(row, BadRow)
        assert row.reason == "it is of “Acme/App”, and this source of “acme/other”"

    @pytest.mark.parametrize(
        ("status", "says"),
        [
            ("401 Unauthorized", "expired"),
            ("403 Forbidden", "read_api"),
            ("404 Not Found", "no such project"),
        ],
    )
    def test_a_token_that_is_refused_says_what_to_do(self, status: str, says: str) -> None:
        with speaker(answers(status, body=b"{}")) as server, pytest.raises(Refused, match=says):
            opened(address_of(server)).check()

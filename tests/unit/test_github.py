"""GitHub as a source, in what only GitHub does: forms, lists that move, refusals of GraphQL, moved names."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest

from connectors.errors import Refused, RetryLater
from connectors.ports import BadRow, Call, Changed, Event, Heard, Source
from connectors.registry import SOURCES, open_source
from service.imports.heard import read as taken_in
from tests.contract.sources.github import comment, event, graph, issue, node
from tests.site import address_of
from tests.sourcing import DOOR, ELSEWHERE
from tests.speaker import Call as Asked
from tests.speaker import Speaker, answers, speaker

MOVED = "/repositories/1/issues"
"""GitHub's own addresses of next pages name a repository by its number."""


def opened(base: str = ELSEWHERE, **settings: str) -> Source:
    return open_source("github", {"repository": "acme/app", "token": "secret", "api": base, **settings}, DOOR)


def read(content: object, kind: str = "issues", **settings: str) -> list[Event]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    call = Call(url="https://koe.example.com", headers={"x-github-event": kind}, body=body)
    return list(opened(**settings).read(call))


@contextmanager
def github(rows: Sequence[Mapping[str, object]], found: object = None, *, size: int = 2) -> Iterator[Speaker]:
    """Serve issues in pages of a size as GitHub lists them, and one answer to all questions of GraphQL."""

    def say(call: Asked) -> None:
        method, target, _ = call.head.split(" ", 2)
        if method == "POST":
            answers("200 OK", body=json.dumps(found).encode())(call)
            return
        asked = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        path, page = urlsplit(target).path, int(asked.get("page", 1))
        listed = [] if path.endswith("/comments") else sorted(rows, key=changed_at)
        fit = [row for row in listed if changed_at(row) >= asked.get("since", "")]
        headers = []
        if len(fit) > page * size:
            following = f"{address_of(server)}{MOVED}?since={asked.get('since', '')}&page={page + 1}"
            headers = [f'Link: <{following}>; rel="next", <{following}>; rel="last"']
        part = fit[(page - 1) * size : page * size]
        answers("200 OK", *headers, body=json.dumps(part).encode())(call)

    with speaker(say) as server:
        yield server


def changed_at(row: Mapping[str, object]) -> str:
    return str(row["updated_at"])


def at(second: int) -> str:
    return (datetime(2026, 5, 1, tzinfo=UTC) + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def walked(source: Source, *, most: int = 50) -> Iterator[list[Event]]:
    cursor = None
    for _ in range(most):
        page = source.page(None, cursor)
        yield list(page.events)
        cursor = page.cursor
        if cursor is None:
            return
    pytest.fail("the walk has no end")


def numbers(pages: Iterator[list[Event]]) -> set[str]:
    return {one.external_id for page in pages for one in page if isinstance(one, Heard)}


class TestCalls:
    def test_are_read_in_the_form_that_github_offers_first(self) -> None:
        told = event("opened", issue=issue(title="50 % + 1 失敗"))
        form = b"payload=" + quote_plus(json.dumps(told, ensure_ascii=False)).encode()
        assert read(form) == read(told)
        assert isinstance(read(form)[0], Heard)

    def test_bring_what_is_said_of_an_issue_that_koe_wrote_without_its_title(self) -> None:
        ours = issue(body="Exports fail. <!-- koe:0123456789abcdef0123 -->")
        told = read(event("created", issue=ours, comment=comment(author_association="NONE")), "issue_comment")
        heard = taken_in(told, received_at=datetime.now(UTC))
        assert [record.external_id for record in heard.records] == ["42", "42"]
        assert not any(
            "書き出し" in record.body.decode() or b"koe:" in record.body for record in heard.records
        )

    def test_of_another_repository_say_so(self) -> None:
        (told,) = read(event("opened", issue=issue()), repository="acme/other")
        assert isinstance(told, BadRow)
        assert told.reason == "it is of “Acme/App”, and this source of “acme/other”"

    def test_under_the_header_of_another_event_delete_nothing(self) -> None:
        (told,) = read(event("deleted", issue=issue(), comment=comment()), "issues")
        assert isinstance(told, BadRow)

    def test_without_their_header_say_what_is_missing(self) -> None:
        (told,) = read(event("opened", issue=issue()), "")
        assert isinstance(told, BadRow)
        assert "X-GitHub-Event" in told.reason

    def test_name_the_team_by_association_or_by_login(self) -> None:
        told = event("created", issue=issue(), comment=comment(association="NONE"))
        for agents, roles in (
            ("", ["customer", "agent"]),
            ("OWNER", ["customer", "customer"]),
            ("@Hana octocat", ["agent", "agent"]),
        ):
            (heard,) = read(told, "issue_comment", agents=agents)
            assert isinstance(heard, Heard)
            assert [said.author_role for said in heard.said] == roles


class TestWalks:
    def test_bring_each_issue_of_a_list_whose_pages_move(self) -> None:
        rows = [issue(number=n, updated_at=at(10 * n)) for n in range(1, 10)]
        with github(rows) as server:
            source, seen, cursor = opened(address_of(server), discussions="no"), set[str](), None
            for turn in range(50):
                page = source.page(None, cursor)
                seen |= {one.external_id for one in page.events if isinstance(one, Heard)}
                cursor = page.cursor
                if cursor is None:
                    break
                if turn < 3:  # what was listed first is changed, and moves to the end
                    rows[turn] = issue(number=turn + 1, updated_at=at(1000 + turn))
        assert cursor is None
        assert seen == {str(n) for n in range(1, 10)}

    def test_come_through_many_changes_of_one_second(self) -> None:
        rows = [issue(number=n, updated_at=at(10)) for n in range(1, 8)]
        with github([*rows, issue(number=8, updated_at=at(60))]) as server:
            assert numbers(walked(opened(address_of(server), discussions="no"))) == {
                str(n) for n in range(1, 9)
            }

    def test_leave_a_long_discussion_to_a_fetch_of_its_own(self) -> None:
        more = {"hasNextPage": True, "endCursor": "x"}
        one = {
            "number": 9,
            "updated_at": at(0),
            "comments": {"pageInfo": more, "nodes": [node(1, "Hm.", "NONE", "mona", replies={})]},
        }
        found = graph({"pageInfo": {"hasNextPage": False}, "nodes": [one]})
        with github([], found) as server:
            *_, last = walked(opened(address_of(server)))
        assert last[1:] == [Changed(external_id="9")]

    @pytest.mark.parametrize(
        ("found", "raised", "says"),
        [
            ({"data": None, "errors": [{"type": "RATE_LIMITED"}]}, RetryLater, "less often"),
            ({"errors": [{"type": "RATE_LIMIT", "message": "…"}]}, RetryLater, "less often"),
            ({"data": {"repository": None}, "errors": [{"type": "NOT_FOUND"}]}, Refused, "NOT_FOUND"),
            ({"data": {"repository": {"found": None}}, "errors": [{"type": "FORBIDDEN"}]}, Refused, "access"),
            ({"errors": [{"message": "Field 'discussions' doesn't exist"}]}, Refused, "an error"),
            ({"message": "Bad credentials"}, Refused, "no reason"),
        ],
    )
    def test_say_what_graphql_refuses(self, found: object, raised: type[Exception], says: str) -> None:
        with github([], found) as server:
            source = opened(address_of(server))
            for ask in (source.check, lambda: source.page(None, "discussions")):
                with pytest.raises(raised, match=says):
                    ask()

    def test_ask_an_enterprise_server_beside_its_other_api(self) -> None:
        with github([], graph({"nodes": []})) as server:
            opened(f"{address_of(server)}/api/v3").check()
            assert [call.head.split(" ")[1] for call in server.calls] == [
                "/api/v3/repos/acme/app/issues?per_page=1&state=all",
                "/api/graphql",
            ]

    def test_of_a_repository_without_issues_bring_its_discussions(self) -> None:
        with speaker(answers("410 Gone", body=b"{}")) as server:
            page = opened(address_of(server)).page(None, None)
        assert (page.events, page.cursor) == ([], "comments")


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "says"),
        [
            ("301 Moved Permanently", "new name"),
            ("401 Unauthorized", "has expired"),
            ("403 Forbidden", "read access to Issues"),
            ("404 Not Found", "no such repository"),
        ],
    )
    def test_say_what_to_do(self, status: str, says: str) -> None:
        with speaker(answers(status, body=b"{}")) as server, pytest.raises(Refused, match=says):
            opened(address_of(server)).check()

    def test_of_a_token_that_sees_nothing_any_more_delete_nothing(self) -> None:
        with speaker(answers("404 Not Found", body=b"{}")) as server, pytest.raises(Refused):
            opened(address_of(server)).fetch("42")

    @pytest.mark.parametrize(
        "name", ["acme", "acme/app/issues", "../..", "acme/ap p", "acme/app?x=1", "/app"]
    )
    def test_name_the_setting_that_is_no_repository(self, name: str) -> None:
        with pytest.raises(Refused, match="'repository'"):
            SOURCES["github"].open({"repository": name}, DOOR)

    @pytest.mark.parametrize("name", ["https://github.com/acme/app.git", "https://github.com/acme/app/"])
    def test_take_the_address_of_a_page_for_its_name(self, name: str) -> None:
        assert isinstance(read(event("opened", issue=issue()), repository=name)[0], Heard)

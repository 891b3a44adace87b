"""What was typed into any form by somebody who was not known any more is there after they signed in."""

import html
import re
from collections.abc import Callable
from urllib.parse import urlencode

import httpx
import pytest

from service.access.gate import FOR_PROGRAMS, lies_under
from service.db import Database
from tests.access import OURS, PASSWORD, a_person, sign_in
from tests.integration.conftest import Guarded
from tests.live import routes

Reader = Callable[..., httpx.Client]
FIELD = re.compile('type="hidden" name="([^"]+)" value="([^"]*)"')
NOT_KEPT = ("/me", "/sign-in", "/unsubscribe")
"""Forms with passwords, the sign-in itself, and leaving the weekly letter, which needs none."""


def forms() -> list[str]:
    """Return the address of every form of a page."""
    posts = [path for method, path in routes() if method == "POST" and not lies_under(path, FOR_PROGRAMS)]
    return sorted({re.sub(r"\{[^}]+\}", "x", path) for path in posts if not lies_under(path, NOT_KEPT)})


def hidden(page: httpx.Response, form: str) -> list[tuple[str, str]]:
    """Return what the form with an action hides, in its order."""
    inside = re.findall(rf'action="{re.escape(form)}".*?</form>', page.text, re.DOTALL)
    assert inside, page.text
    return [(name, html.unescape(value)) for name, value in FIELD.findall(inside[-1])]


def resumed(client: httpx.Client, path: str, typed: str) -> httpx.Response:
    """Send a form without a sign-in, and sign in on the page that is answered."""
    client.cookies.clear()
    late = client.post(
        path, headers={**OURS, "Content-Type": "application/x-www-form-urlencoded"}, content=typed
    )
    assert late.status_code == 401, path
    return sign_in(client, "aki@example.com", PASSWORD, **dict(hidden(late, "/sign-in")))


def test_there_are_many_forms() -> None:
    assert len(forms()) >= 50


def test_nothing_that_was_typed_is_lost_whatever_form_it_was(guarded: Guarded, db: Database) -> None:
    a_person(db, role="admin", password=PASSWORD)
    typed = [("reason", 'もう直しました <b>"&\r\n二行目'), ("chosen", "a"), ("chosen", "b"), ("empty", "")]
    for path in forms():
        page = resumed(guarded.client, path, urlencode(typed))
        assert page.status_code == 200, path
        assert hidden(page, path) == typed, path
        assert "<b>" not in page.text


def test_many_chosen_voices_and_a_long_text_are_kept(guarded: Guarded, db: Database) -> None:
    a_person(db, role="writer", password=PASSWORD)
    for typed in (
        [("spans", f"{n:020x}") for n in range(1500)],
        [("text", "声" * 20_000)],
        [("text", "a b " * 8000)],
    ):
        page = resumed(guarded.client, "/queue/x/accept", urlencode(typed))
        assert (page.status_code, hidden(page, "/queue/x/accept")) == (200, typed)
        assert page.text.count("<blockquote") == (0 if len(typed) > 1 else 1), "ids are no words"


@pytest.mark.parametrize(("lang", "words"), [("en", "send it once more"), ("ja", "もう一度送って")])
def test_a_table_that_is_too_long_is_told_as_such(
    guarded: Guarded, reader: Reader, lang: str, words: str
) -> None:
    client = reader(guarded.address, lang)
    late = client.post("/glossary/import", headers=OURS, data={"lines": "term\n" * 50_000})
    assert (late.status_code, words in late.text) == (401, True)
    with_file = client.post("/files", headers=OURS, files={"file": ("voices.csv", b"text\nslow\n")})
    assert (with_file.status_code, words in with_file.text) == (401, True)


def test_secrets_of_other_systems_are_kept_and_not_shown(guarded: Guarded, db: Database) -> None:
    a_person(db, role="admin", password=PASSWORD)
    typed = [("set.token", "the token of a help desk"), ("name", "help desk")]
    for path in ("/sources/new/zendesk", "/targets/new/jira", "/sources/x/rotate"):
        page = resumed(guarded.client, path, urlencode(typed))
        assert hidden(page, path) == typed
        assert page.text.count("the token of a help desk") == 1, "in the hidden field alone"


def test_longer_forms_than_that_are_refused_at_the_sign_in(guarded: Guarded) -> None:
    too_long = guarded.client.post("/sign-in", headers=OURS, data={"typed": "x" * 700_000})
    assert too_long.status_code == 413

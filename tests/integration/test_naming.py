"""What themes are called: in their own language, and in both where they have voices in both."""

from sqlmodel import select

from nlp.labelers import PhraseLabeler
from service.db import Database
from service.models import MAIN, Theme
from service.pipeline import themes
from tests.integration.conftest import Reader
from tests.integration.test_themes import World
from tests.live import open_pages

ENGLISH = ["Cannot send mail after password change", "Mail cannot be sent", "I cannot send mail any more"]
JAPANESE = [
    "パスワード変更後にメールが送れません",
    "メールが送れない",
    "メールが送れません。助けてください",
    "メールが送れなくなりました",
]


def titled(db: Database, *, english: int) -> Theme:
    world = World(db)
    for number, text in enumerate(JAPANESE):
        world.say(f"ja{number}", text, lang="ja", customer_id=f"J{number}")
    for number, text in enumerate(ENGLISH[:english]):
        world.say(f"en{number}", text, lang="en")
    world.group([[*(f"ja{n}" for n in range(len(JAPANESE))), *(f"en{n}" for n in range(english))]])
    themes.run(db, MAIN, PhraseLabeler())
    with db.begin() as session:
        return session.exec(select(Theme)).one()


def test_a_theme_with_voices_in_both_languages_has_a_title_in_each_out_of_its_own_voices(
    db: Database,
) -> None:
    theme = titled(db, english=3)
    assert theme.lang == "ja"
    assert theme.title == theme.titles["ja"]
    assert "メール" in theme.title
    assert "mail" in (theme.titles["en"] or "").lower()


def test_where_too_few_speak_the_other_language_there_is_no_title_in_it(db: Database) -> None:
    assert titled(db, english=2).titles["en"] is None


def test_the_page_of_a_theme_begins_its_voices_with_a_few_that_differ(db: Database, reader: Reader) -> None:
    theme = titled(db, english=3)
    with open_pages(db) as address:
        page = reader(address).get(f"/themes/{theme.id}")
    quoted = page.text.partition("In their own words")[2].partition("</section>")[0]
    assert 2 <= quoted.count("<blockquote") <= 3

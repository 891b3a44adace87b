"""MediaWiki as a knowledge base: what changed; the walk through all is in its example."""

from datetime import UTC, datetime

import pytest

from connectors.errors import Refused
from connectors.ports import Unpublished
from connectors.registry import open_source
from tests.contract.sources import Asked
from tests.contract.sources.mediawiki import ABOUT, EXAMPLE, PASSWORD, SAID, SIGNING_IN, page, shown
from tests.site import address_of, site
from tests.sourcing import DOOR, ELSEWHERE, opened

CHANGES = f"{SAID}&list=recentchanges&rcnamespace=12"
ROWS = [{"pageid": 7}, {"pageid": 9}, {"pageid": 7}, {"pageid": 0}, {"pageid": 10}, {"pageid": 11}]


class TestWhatChanged:
    def test_is_told_once_as_it_is_now(self) -> None:
        now = [
            page(7, "ヘルプ:パスワードを再設定する"),
            {"pageid": 9, "missing": True},
            page(10, "ヘルプ:転送", redirect=True),
            page(11, "移された頁", ns=0),
        ]
        asked = [
            *SIGNING_IN,
            Asked(target=CHANGES, answer={"query": {"recentchanges": ROWS}}),
            Asked(target=f"{SAID}&pageids=7%7C9%7C10%7C11{ABOUT}", answer={"query": {"pages": now}}),
            shown(7, "<p>ログイン画面で…</p>"),
        ]
        with site(asked) as server:
            found = opened("mediawiki", address_of(server)).page(datetime.now(UTC), None)
        assert found.events == [PASSWORD, *(Unpublished(external_id=named) for named in ("9", "10", "11"))]
        assert found.cursor is None

    def test_is_asked_for_from_a_day_on(self) -> None:
        with site([*SIGNING_IN, Asked(target=CHANGES, answer={"query": {"recentchanges": []}})]) as server:
            found = opened("mediawiki", address_of(server)).page(datetime.now(UTC), None)
        assert found.events == []


class TestSettings:
    def test_name_the_namespaces_that_there_are(self) -> None:
        told = {**EXAMPLE.settings, "namespace": "Nowhere"}
        with site(SIGNING_IN) as server:
            source = open_source("mediawiki", {**told, "address": f"{address_of(server)}/api.php"}, DOOR)
            with pytest.raises(Refused, match=r"namespace.*ヘルプ, help"):
                source.page(None, None)

    def test_say_who_reads_the_wiki(self) -> None:
        told = {**EXAMPLE.settings, "address": ELSEWHERE, "audience": "everybody"}
        with pytest.raises(Refused, match="audience"):
            open_source("mediawiki", told, DOOR)

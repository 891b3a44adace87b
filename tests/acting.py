"""Themes, voices and an article written by hand, for tests of what is done about them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from nlp.embedders import Embedders, HashingEmbedder
from nlp.passages import passages
from service.db import Database
from service.models import (
    Article,
    Assignment,
    Centroid,
    Delivery,
    Event,
    Item,
    Message,
    Passage,
    Run,
    Search,
    Source,
    Span,
    Suggestion,
    Target,
    Theme,
)
from service.models.columns import digest
from service.pipeline import decide, route
from service.repositories import embeddings, suggestions, targets

ORG = "main"
MONDAY = datetime(2026, 3, 2, 3, tzinfo=UTC)
EMBEDDERS = Embedders(default=HashingEmbedder())
ARTICLE = (
    "パスワードを再設定する",
    "ログイン画面の「パスワードを忘れた」を押してください。\n届いたメールのリンクから新しいパスワードを設定します。",
)
GROUPS: dict[str, Sequence[tuple[str, str | None]]] = {
    "export": [
        (
            f"CSVの書き出しに失敗します。{word}",
            "文字コードの設定が原因です。\n1. 設定画面を開いてください。\n2. UTF-8を選択してください。",
        )
        for word in ("月末に困ります。", "急いでいます。", "昨日からです。", "毎回です。")
    ],
    "crash": [
        (f"写真を開くとアプリが落ちます。{word}", "既知の不具合です。次回のアップデートで修正予定です。")
        for word in ("機種変更後です。", "何度もです。", "朝からです。", "ずっとです。")
    ],
    "password": [
        (f"パスワードを忘れたので再設定したいです。{word}", "https://help.example/password をご覧ください。")
        for word in (
            "方法が分かりません。",
            "画面が見つかりません。",
            "メールが来ません。",
            "教えてください。",
        )
    ],
    "praise": [
        (f"いつも使いやすくて助かっています。{word}", None)
        for word in ("最高です。", "感謝。", "便利です。", "素敵。")
    ],
}
KINDS = {"export": "pain_point", "crash": "pain_point", "password": "question", "praise": "praise"}


class World:
    """Writes what the stages before would have written."""

    def __init__(self, db: Database) -> None:
        self.db = db
        with db.begin() as session:
            for name in ("desk", "help"):
                session.add(Source(id=name, organisation_id=ORG, name=name, kind="file", created_at=MONDAY))
            session.add(self._run(1))
            session.flush()
            for theme, texts in GROUPS.items():
                self._theme(session, theme, texts)
            self.add_article(session)

    def _run(self, ordinal: int) -> Run:
        return Run(
            id=f"run{ordinal}",
            organisation_id=ORG,
            ordinal=ordinal,
            state="live",
            input_digest="x",
            embedder=EMBEDDERS.default.name,
            clusterer="by hand",
            created_at=MONDAY,
        )

    def _theme(self, session: Session, theme: str, texts: Sequence[tuple[str, str | None]]) -> None:
        session.add(
            Theme(
                id=theme,
                organisation_id=ORG,
                title=texts[0][0].split("。")[0],
                keywords=["CSV"],
                lang="ja",
                kind=KINDS[theme],
            )
        )
        session.flush()
        for number, (asked, answered) in enumerate(texts):
            self.say(session, theme, number, asked, answered)

    def say(self, session: Session, theme: str, number: int, asked: str, answered: str | None = None) -> None:
        """Store a ticket that is in a theme, with an agent's answer."""
        name = f"{theme}-{number}"
        text = asked if answered is None else f"{asked}\n\n{answered}"
        given: dict[str, Any] = {"organisation_id": ORG, "item_id": name}
        session.add(
            Item(
                id=name,
                organisation_id=ORG,
                source_id="desk",
                external_id=name,
                channel="ticket" if theme != "praise" else "review",
                lang="ja",
                created_at=MONDAY + timedelta(days=number),
                customer_id=f"c{number}",
                status="solved",
                text=text,
                version="1",
            )
        )
        session.flush()
        session.add(Message(id=f"{name}-0", position=0, start=0, end=len(asked), **given))
        if answered is not None:
            start = len(asked) + 2
            session.add(
                Message(id=f"{name}-1", position=1, author_role="agent", start=start, end=len(text), **given)
            )
        content_hash = digest(asked, length=32)
        span = Span(
            id=name,
            start=0,
            end=len(asked),
            text=asked,
            lang="ja",
            kind=KINDS[theme],
            content_hash=content_hash,
            **given,
        )
        session.add(span)
        session.flush()
        session.add(
            Assignment(run_id="run1", span_id=name, organisation_id=ORG, group_number=0, theme_id=theme)
        )
        self.embed(session, asked, content_hash)

    def add_article(
        self,
        session: Session,
        name: str = "password",
        article_id: str = "a1",
        *,
        title: str = ARTICLE[0],
        body: str = ARTICLE[1],
    ) -> None:
        """Store an article, cut into its passages."""
        session.add(
            Article(
                id=article_id,
                organisation_id=ORG,
                source_id="help",
                external_id=name,
                title=title,
                body=body,
                url=f"https://help.example/{name}/",
                lang="ja",
                version="1",
            )
        )
        session.flush()
        for position, cut in enumerate(passages(title, body)):
            content_hash = digest(cut.text, length=32)
            session.add(
                Passage(
                    id=f"{article_id}-{position}",
                    organisation_id=ORG,
                    article_id=article_id,
                    position=position,
                    start=cut.start,
                    end=cut.end,
                    text=cut.text,
                    content_hash=content_hash,
                )
            )
            self.embed(session, cut.text, content_hash)

    def embed(self, session: Session, text: str, content_hash: str) -> None:
        embedder = EMBEDDERS.default
        embeddings.store(session, ORG, embedder.name, [content_hash], embedder.embed([text]))

    def look_at_article(self, session: Session, customer_id: str, at: datetime) -> None:
        """Let a customer open the article."""
        session.add(
            Event(
                id=digest(customer_id, at.isoformat()),
                organisation_id=ORG,
                source_id="help",
                occurred_at=at,
                kind="article_view",
                customer_id=customer_id,
                article="https://help.example/password/",
            )
        )

    def search(self, query: str, at: datetime, *, times: int = 1, results: int = 0) -> None:
        """Let customers search the help centre."""
        with self.db.begin() as session:
            session.add_all(
                Search(
                    id=digest(query, at.isoformat(), str(number)),
                    organisation_id=ORG,
                    source_id="help",
                    searched_at=at,
                    query=query,
                    content_hash=digest(query, length=32),
                    lang="ja",
                    results=results,
                )
                for number in range(times)
            )

    def give_middles(self) -> None:
        """Let themes have the middles that a run gives them, so that what is new finds its place."""
        embedder = EMBEDDERS.default
        with self.db.begin() as session:
            session.get_one(Run, "run1").figures = {"reach": {embedder.name: 0.3}}
            for theme, texts in GROUPS.items():
                vector = embedder.embed([asked for asked, _ in texts]).mean(axis=0)
                session.add(
                    Centroid(theme_id=theme, embedder=embedder.name, organisation_id=ORG, vector=vector)
                )

    def route(self) -> dict[str, Suggestion]:
        route.run(self.db, ORG, EMBEDDERS)
        return self.suggestions()

    def suggestions(self) -> dict[str, Suggestion]:
        with self.db.begin() as session:
            return {one.theme_id: one for one in suggestions.list_suggestions(session, ORG)}

    def accept(self, theme: str) -> str:
        suggestion_id = self.suggestions()[theme].id
        with self.db.begin() as session:
            decide.accept(session, ORG, suggestion_id, by="Aki")
        return suggestion_id

    def deliveries(self) -> list[Delivery]:
        with self.db.begin() as session:
            return list(session.exec(select(Delivery).order_by(col(Delivery.target_id))))

    def sent_to(self) -> list[str]:
        """The names of the targets of all deliveries."""
        with self.db.begin() as session:
            query = select(Target.name).join(Delivery, col(Delivery.target_id) == col(Target.id))
            return sorted(session.exec(query))

    def add_target(
        self, name: str = "backlog", kind: str = "backlog-file", *, automatic: bool = False
    ) -> None:
        with self.db.begin() as session:
            targets.add_target(session, ORG, name, kind, {"path": "/nowhere"}, automatic=automatic)

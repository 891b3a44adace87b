"""The headings and lines that structure drafts, one set a language. They say nothing that needs a source."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings:
    """Structure of drafts in one language."""

    answer: str
    steps: str
    otherwise: str
    """Stands over what others were told to do."""
    besides: str
    """Stands over what others were told."""
    to_write: str
    """Stands where an answer belongs and no source has one."""
    customers_say: str
    article_says: str
    agents_add: str
    find_by: str
    sought: str
    problem: str
    who: str
    how_it_happens: str
    support_says: str
    trend: str
    customers: str
    people: str
    accounts: str
    contacts: str
    revenue: str
    question: str
    """A theme's title that tells what happens, as a question; `{title}` is the title."""
    topic: str
    """A theme's title that names something, as the title of an article."""


ENGLISH = Headings(
    answer="Answer",
    steps="Steps",
    otherwise="In other cases",
    besides="Good to know",
    to_write="(To be written: no answer was found in solved tickets or articles.)",
    customers_say="What customers say",
    article_says="What the article says",
    agents_add="What support adds",
    find_by="Words that customers search by",
    sought="What customers searched for in vain",
    problem="Problem",
    who="Who is hit",
    how_it_happens="When it happens",
    support_says="What support says",
    trend="Contacts a week",
    customers="Customers",
    people="People",
    accounts="Accounts",
    contacts="Contacts",
    revenue="Yearly revenue",
    question="{title}",
    topic="{title}",
)

JAPANESE = Headings(
    answer="回答",
    steps="手順",
    otherwise="そのほかの場合",
    besides="補足",
    to_write="（担当者が記入してください。解決済みの問い合わせにも記事にも、回答が見つかりませんでした。）",
    customers_say="お客さまの声",
    article_says="記事に書かれていること",
    agents_add="サポートが補っていること",
    find_by="お客さまが使う言葉",
    sought="検索しても見つからなかった言葉",
    problem="困りごと",
    who="影響を受けるお客さま",
    how_it_happens="発生する場面",
    support_says="サポートの回答",
    trend="週ごとの問い合わせ件数",
    customers="お客さま（人）",
    people="声の数（人）",
    accounts="契約先（社）",
    contacts="問い合わせ（件）",
    revenue="年間の契約金額",
    question="「{title}」ときはどうすればよいですか？",
    topic="「{title}」について",
)


def headings_for(lang: str | None) -> Headings:
    """Return the headings for a language (ISO 639-1): Japanese for `ja`, English for all others."""
    return JAPANESE if lang == "ja" else ENGLISH

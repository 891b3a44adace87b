"""Typeform: answers to surveys, by webhook and by the list of responses of a form.

Texts and choices are what customers say; each question stands before its answer as the interviewer's, so that
it is context and no feedback. A number on a scale is the rating.
Sources: typeform.com/developers, "Webhooks", "Secure your webhooks", "Retrieve responses", "Retrieve form".
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from connectors import hmacs
from connectors.asking import Api, base_of, needed, part
from connectors.errors import Refused, RetryLater
from connectors.loose import Loose
from connectors.own import is_own
from connectors.ports import (
    BadRow,
    Call,
    Customer,
    Event,
    Heard,
    Means,
    Pace,
    Page,
    Said,
    Setting,
    Source,
)

SIGNATURE = "typeform-signature"
API = "https://api.typeform.com"
RESULTS = "https://admin.typeform.com/form/{form}/results#responses"
RESPONSES = 100
"""Of one page."""
LATE = timedelta(hours=1)
"""How long it takes at most until a response is listed."""
STEPS = {"nps": 11, "opinion_scale": 11, "rating": 5}
"""How many numbers a scale has where its question does not tell, as Typeform makes them."""
FROM_ONE = frozenset({"rating"})
CUSTOMERS = ("user_id", "userid", "customer_id", "customerid")
ACCOUNTS = ("account_id", "accountid", "company_id", "companyid", "organization_id")
"""Hidden fields that tell who answers, and for whom."""
UNFILLED = re.compile(r"x{3,}", re.IGNORECASE)
"""What Typeform writes into the address of a form for a hidden field, to be replaced."""


class Typeform(Source):
    """The forms of a Typeform account."""

    slug = "typeform"
    title = "Typeform"
    category = "surveys"
    settings = (
        Setting(
            name="forms",
            label={
                "en": "Ids of the forms, with commas between (the last part of their addresses)",
                "ja": "フォームの ID(アドレスの末尾。複数はコンマ区切り)",
            },
            needed="to_fetch",
            example="u6nXL7, k9mP2q",
        ),
        Setting(
            name="token",
            label={"en": "Personal access token", "ja": "個人アクセストークン"},
            secret=True,
            needed="to_fetch",
            example="tfp_…",
        ),
        Setting(
            name="address",
            label={
                "en": "Address of the API (https://api.eu.typeform.com for accounts kept in the EU)",
                "ja": "API のアドレス(EU のアカウントは https://api.eu.typeform.com)",
            },
            default=API,
            example=API,
        ),
    )
    pace = Pace(requests=2, seconds=1, burst=2)
    guide = (
        {
            "en": "Open the form in Typeform, choose Connect › Webhooks › Add a webhook, and enter {url}.",
            "ja": "Typeform でフォームを開き、「Connect › Webhooks › Add a webhook」で {url} を入力します。",
        },
        {
            "en": "Edit the webhook, enter {secret} as its secret, save it, and switch it on. Do so for each "
            "form; all of them may share the address and the secret.",
            "ja": "Webhook の編集で Secret に {secret} を入力して保存し、オンにします。フォームごとに繰り返"
            "します(アドレスとシークレットは共通でかまいません)。",
        },
        {
            "en": "For answers that were given before, make a personal access token under Account › Personal "
            "tokens with the scopes forms:read and responses:read.",
            "ja": "過去の回答も取り込むには、「アカウント › Personal tokens」でスコープ forms:read と "
            "responses:read のトークンを作ります。",
        },
        {
            "en": "So that Koe knows who answers, add hidden fields to the form: user_id, email, "
            "account_id. An e-mail address that the form asks for is taken as well.",
            "ja": "回答者が分かるように、フォームに隠しフィールド user_id、email、account_id "
            "を追加します。フォームで尋ねたメールアドレスも使われます。",
        },
    )
    unverified = (
        {
            "en": "Whether calls tell how many numbers a scale has; where not, eleven are assumed for "
            "opinion scales and five for ratings until the response is listed. What is deleted in Typeform "
            "is not told, and stays in Koe.",
            "ja": "Webhook が評価の段階数を含むかどうか(含まないときは、一覧で確認できるまで意見尺度は 11 "
            "段階、評価は 5 段階とみなします)。Typeform で削除された回答は通知されず、Koe に残ります。",
        },
    )

    def __init__(self, api: Api | None, forms: Sequence[str]) -> None:
        self._api = api
        self._forms = forms

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        address = base_of(settings, "address", usual=API)
        named = re.split(r"[\s,、]+", settings.get("forms", ""))
        forms = [form for form in dict.fromkeys(named) if form]
        if not settings.get("token", "").strip():
            return cls(None, forms)
        proof = {"authorization": f"Bearer {needed(settings, 'token')}"}
        return cls(Api(http=means.http, base=address, headers=proof, advice=ADVICE), forms)

    @classmethod
    def prove(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:  # noqa: ARG003  it signs no time
        given = call.headers.get(SIGNATURE)
        hmacs.prove(secrets, call.body, given, header=SIGNATURE, encoding="base64", prefix="sha256=")
        return Loose.glimpse(call.body)["event_id"].id or ""

    def read(self, call: Call) -> Iterator[Event]:
        told = Loose.of(call.body)
        response = told["form_response"]
        if not response.is_object:
            yield BadRow(line=1, reason="it is no response: form_response is not there")
        elif told["event_type"].text in (None, "form_response"):  # others tell of what was not sent off yet
            yield from _response(response, response["form_id"].id, _questions(response["definition"]))

    def check(self) -> str:
        api = self._asked()
        titles = [api.get(f"/forms/{part(form)}")["title"].text or form for form in self._forms]
        for form in self._forms:
            api.get(f"/forms/{part(form)}/responses", {"page_size": 1})
        return f"Typeform answers, and lets Koe read the responses of {', '.join(titles)}."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        api, place = self._asked(), Loose.glimpse((cursor or "null").encode())
        form, after = place["form"].id or self._forms[0], place["after"].id
        if after:
            asked: dict[str, str | int] = {"after": after}
        else:
            asked = {"sort": "submitted_at,asc"}
            asked |= {"since": f"{since.astimezone(UTC) - LATE:%Y-%m-%dT%H:%M:%S}"} if since else {}
        questions = _questions(api.get(f"/forms/{part(form)}"))
        found = api.get(f"/forms/{part(form)}/responses", {"page_size": RESPONSES, **asked})["items"]
        if not isinstance(found.value, list):
            raise RetryLater("Typeform answered with no list of responses")
        responses = list(found)
        events = [event for one in responses for event in _response(one, form, questions)]
        last = responses[-1]["token"].id if len(responses) >= RESPONSES else None
        return Page(events=events, cursor=self._next(form, last if last != after else None))

    def _asked(self) -> Api:
        if self._api is None:
            raise Refused("the setting 'token' is missing: Typeform tells nothing without it")
        if not self._forms:
            raise Refused("the setting 'forms' is missing: it says whose responses are read")
        return self._api

    def _next(self, form: str, last: str | None) -> str | None:
        """Return where a walk goes on: behind the last response of a form, or with the next form."""
        if last is not None:
            return json.dumps({"form": form, "after": last})
        later = self._forms[self._forms.index(form) + 1 :] if form in self._forms else ()
        return json.dumps({"form": later[0]}) if later else None


ADVICE = {
    401: "make a new personal access token in Typeform",
    403: "give the token the scopes forms:read and responses:read",
    404: "is there such a form in this account? See the setting 'forms'",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """A question of a form."""

    title: str | None
    steps: float | None
    from_one: bool


def _questions(definition: Loose) -> Mapping[str, _Question]:
    """Return the questions of a form by their ids, those of groups among them."""
    found: dict[str, _Question] = {}
    waiting = list(definition["fields"])
    while waiting:
        field = waiting.pop()
        options = field["properties"]
        waiting.extend(options["fields"])
        found[field["id"].id or ""] = _Question(
            title=field["title"].text,
            steps=options["steps"].number,
            from_one=options["start_at_one"].flag,
        )
    return found


def _response(response: Loose, form: str | None, questions: Mapping[str, _Question]) -> Iterator[Event]:
    """Yield what somebody answered to a form; nothing if it was not sent off, or is Koe's own test."""
    named, at = response["token"].id, response["submitted_at"].written_time
    if named is None:
        yield BadRow(line=1, reason="it names no response: token is not there")
        return
    answers = list(response["answers"])
    if at is None or any(is_own(text) for answer in answers for text in [_words(answer)] if text):
        return
    hidden = _hidden(response["hidden"])
    emails = (hidden.get("email"), *(answer["email"].text for answer in answers))
    yield Heard(
        external_id=named,
        channel="survey",
        said=list(_talk(answers, questions, at)),
        created_at=at,
        updated_at=at,
        rating=_rating(answers, questions),
        customer=Customer(
            id=_one_of(hidden, CUSTOMERS),
            email=next((email for email in emails if email and "@" in email), None),
            account_id=_one_of(hidden, ACCOUNTS),
        ),
        url=RESULTS.format(form=part(form)) if form else None,
    )


def _talk(answers: Sequence[Loose], questions: Mapping[str, _Question], at: datetime) -> Iterator[Said]:
    """Yield each answer in words behind its question; a microsecond apart, so that they keep their order."""
    for place, answer in enumerate(answers):
        words, field = _words(answer), answer["field"]["id"].id or f"answer {place + 1}"
        if words is None:
            continue
        known = questions.get(field)
        if known is not None and known.title:
            asked_at = at + timedelta(microseconds=2 * place)
            yield Said(
                external_id=f"{field} question",
                text=known.title,
                author_role="interviewer",
                created_at=asked_at,
            )
        yield Said(external_id=field, text=words, created_at=at + timedelta(microseconds=2 * place + 1))


def _words(answer: Loose) -> str | None:
    """Return what an answer says in words: a text, or what was chosen; None for dates, numbers and such."""
    if text := answer["text"].text:
        return text
    chosen = (answer["choice"]["label"], answer["choice"]["other"], *answer["choices"]["labels"])
    return ", ".join(text for one in (*chosen, answer["choices"]["other"]) if (text := one.text)) or None


def _rating(answers: Sequence[Loose], questions: Mapping[str, _Question]) -> float | None:
    """Return the answer on a scale, that of the NPS before others, from 1 (worst) to 5 (best)."""
    scales = [answer for answer in answers if answer["field"]["type"].text in STEPS]
    scales.sort(key=lambda answer: answer["field"]["type"].text != "nps")
    return next((points for answer in scales if (points := _points(answer, questions)) is not None), None)


def _points(answer: Loose, questions: Mapping[str, _Question]) -> float | None:
    kind, number = answer["field"]["type"].text or "", answer["number"].number
    known = questions.get(answer["field"]["id"].id or "")
    steps = (known.steps if known else None) or STEPS[kind]
    first = 1 if kind in FROM_ONE or (known is not None and known.from_one) else 0
    if number is None or steps < 2 or not first <= number <= first + steps - 1:
        return None
    return round(1 + 4 * (number - first) / (steps - 1), 2)


def _hidden(told: Loose) -> Mapping[str, str]:
    """Return the hidden fields that were filled, by their names in lower case."""
    fields = told.value if isinstance(told.value, dict) else {}
    read = {str(name).lower(): Loose(value).id for name, value in fields.items()}
    return {name: value for name, value in read.items() if value and not UNFILLED.fullmatch(value)}


def _one_of(hidden: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((hidden[name] for name in names if name in hidden), None)

"""A MediaWiki as a bot of its own knows it: signing in, asking, editing, and what its refusals mean.

What is done here rests on how MediaWiki 1.39 was seen to behave:

- Refusals come with status 200 and a code; the codes are an interface, the sentences are not.
- Where a session has ended, everything is answered as to a stranger: so each call says who it means to be.
- An edit needs a token of its session; one with a token that counts no more changes nothing.

Source: mediawiki.org, "API:Main page", "API:Login", "API:Errors and warnings", "Manual:Bot passwords".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock

from connectors.asking import Api, base_of
from connectors.errors import Refused, RetryLater, Uncertain
from connectors.http import Http
from connectors.loose import Loose
from connectors.ports import Setting
from connectors.writing import Writer

PLACE = "api.php"
SHAPE = {"format": "json", "formatversion": "2"}
ENDED = frozenset({"assertnameduserfailed", "assertuserfailed", "badtoken", "notloggedin"})
"""Codes of a session that is over: nothing was done."""
BUSY = frozenset({"ratelimited", "actionthrottledtext", "readonly"})
"""Codes of a wiki that is to be asked again later: nothing was done."""
BROKEN = "internal_api_error"
"""How the code of a failure of the wiki's own begins."""
ADVICE = {
    "abusefilter-disallowed": "a filter of the wiki takes it for abuse; let the user of Koe pass it",
    "blocked": "the user of Koe is blocked there",
    "cantcreate": "may the user of Koe create pages?",
    "contenttoobig": "the wiki takes no text of this length",
    "mustbeloggedin": "may the user of Koe edit?",
    "noapiwrite": "the bot password needs the grant “Create, edit, and move pages”",
    "permissiondenied": "the bot password needs the grant “Create, edit, and move pages”",
    "protectedpage": "the page is protected",
    "protectednamespace": "may the user of Koe write in this namespace?",
    "readapidenied": "may the user of Koe read the wiki? The bot password needs the grant “Basic rights”",
    "spamblacklist": "a list of forbidden addresses stops it; let the address of Koe pass",
    "titleblacklist-forbidden": "a list of forbidden titles stops it",
}
WRONG = "make a bot password on Special:BotPasswords there; the user is written with its name, as in Koe@koe"


ADDRESS = Setting(
    name="address",
    label={"en": "Address of api.php of your wiki", "ja": "ウィキの api.php のアドレス"},
    example="https://wiki.example.com/w/api.php",
)
USER = Setting(
    name="user",
    label={"en": "User, with the name of its bot password", "ja": "ユーザー名（ボットパスワードの名前付き）"},
    example="Koe@koe",
)
PASSWORD = Setting(name="password", label={"en": "Bot password", "ja": "ボットパスワード"}, secret=True)


def base_in(settings: Mapping[str, str]) -> str:
    """Return what `api.php` stands below. Raises Refused where the address is missing or none."""
    return re.sub(r"/(?:api|index)\.php$", "", base_of(settings, "address"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who is signed in."""

    name: str
    cookies: Mapping[str, str] = field(repr=False)
    token: str = field(repr=False)


class Wiki:
    """A wiki as one user sees it, who is signed in when it is asked first, and again where that has ended."""

    def __init__(self, *, http: Http, base: str, user: str, password: str) -> None:
        """Know the wiki whose `api.php` stands below `base`, and a bot password there."""
        self._http = http
        self._base = base
        self._user = user
        self._password = password
        self._session: SignedIn | None = None
        self._lock = Lock()

    @property
    def name(self) -> str:
        """What the wiki calls the user, without the name of the bot password."""
        return self._signed_in(None).name

    def query(self, **asked: str | int) -> Loose:
        """Return what the wiki answers to a question. Raises RetryLater and Refused."""
        return self._answered(asked)["query"]

    def part(self, **asked: str | int) -> Loose:
        """Return the whole answer to a question: beside `query` it tells where a list goes on."""
        return self._answered(asked)

    def shown(self, number: str) -> Loose:
        """Return the newest version of a page as readers see it. Raises RetryLater and Refused.

        Where there is none, the body of what is raised is the wiki's code.
        """
        unseen = {"disableeditsection": "1", "disabletoc": "1", "disablelimitreport": "1"}
        asked = {"action": "parse", "pageid": number, "prop": "text|displaytitle|revid", **unseen}
        return self._answered(asked)["parse"]

    def listed(self, name: str, **asked: str | int) -> Iterator[Loose]:
        """Yield what a list of the wiki holds, part after part, as `query` asks for it."""
        going: Mapping[str, str | int] = {}
        while True:
            answered = self._answered({"list": name, **asked, **going})
            yield from answered["query"][name]
            further = answered["continue"].value
            if not isinstance(further, dict) or further == going:
                return
            going = further

    def edit(self, **fields: str) -> Loose:
        """Save an edit, and return what the wiki says of it. Raises RetryLater, Refused and Uncertain.

        Where the wiki refuses by a code, that is the body of what is raised.
        """
        answered = self._written(session := self._signed_in(None), fields)
        if _code(answered) in ENDED:
            answered = self._written(self._signed_in(session), fields)
        _judge(answered, Uncertain)
        saved = answered["edit"]
        if saved["result"].text == "Failure":
            stopped = "it asks for a captcha" if saved["captcha"].is_object else "an extension stops it"
            raise Refused(f"the wiki did not save it: {stopped}; let the user of Koe pass")
        if saved["result"].text != "Success":
            raise Uncertain("the wiki did not say that it saved the edit")
        return saved

    def _answered(self, asked: Mapping[str, str | int]) -> Loose:
        answered = self._asked(session := self._signed_in(None), asked)
        if _code(answered) in ENDED:
            answered = self._asked(self._signed_in(session), asked)
        _judge(answered, RetryLater)
        if not (answered["query"].is_object or answered["parse"].is_object):
            raise RetryLater("the wiki answered with something else than was asked")
        return answered

    def _asked(self, session: SignedIn, asked: Mapping[str, str | int]) -> Loose:
        return self._api(session.cookies).get(
            PLACE, {**SHAPE, "action": "query", "assertuser": session.name, **asked}
        )

    def _written(self, session: SignedIn, fields: Mapping[str, str]) -> Loose:
        said = {**SHAPE, "action": "edit", "assertuser": session.name, **fields, "token": session.token}
        writer = Writer(
            http=self._http, base=self._base, headers=_cookie(session.cookies), is_refused=_has_failed
        )
        return writer.form("POST", PLACE, [*said.items()])

    def _signed_in(self, ended: SignedIn | None) -> SignedIn:
        """Return who is signed in; signs in anew where nobody is, or that session has ended."""
        with self._lock:
            if self._session is None or self._session is ended:
                self._session = self._sign_in()
            return self._session

    def _sign_in(self) -> SignedIn:
        door = self._api({}).answer(PLACE, {**SHAPE, "action": "query", "meta": "tokens", "type": "login"})
        token = Loose.glimpse(door.body)["query"]["tokens"]["logintoken"].text
        if token is None:
            raise Refused(f"{self._base}/{PLACE} does not answer like the API of a MediaWiki; is it right?")
        told = {"action": "login", "lgname": self._user, "lgpassword": self._password, "lgtoken": token}
        answer = self._api(door.cookies).answer(PLACE, {**SHAPE, **told})
        said = Loose.glimpse(answer.body)["login"]
        if said["result"].text == "Throttled":
            raise RetryLater("the wiki lets nobody sign in for some minutes, after too many tries")
        if said["result"].text != "Success" or (name := said["lgusername"].text) is None:
            raise Refused(f"the wiki does not let Koe sign in; {WRONG}")
        session = SignedIn(name=name, cookies={**door.cookies, **answer.cookies}, token="")
        answered = self._asked(session, {"meta": "tokens"})
        _judge(answered, RetryLater)
        return replace(session, token=answered["query"]["tokens"]["csrftoken"].text or "")

    def _api(self, cookies: Mapping[str, str]) -> Api:
        return Api(http=self._http, base=self._base, headers=_cookie(cookies))


def _cookie(cookies: Mapping[str, str]) -> Mapping[str, str]:
    return {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}


def _has_failed(answered: Loose) -> bool:
    return answered["error"].is_object


def _code(answered: Loose) -> str:
    return answered["error"]["code"].text or ""


def _judge(answered: Loose, unsure: type[RetryLater] | type[Uncertain]) -> None:
    """Raise what a code means: RetryLater, Refused, or `unsure` where the wiki itself failed."""
    if not _has_failed(answered):
        return
    code = _code(answered)
    if code in BUSY:
        raise RetryLater(f"the wiki is busy ({code})")
    if code.startswith(BROKEN):
        raise unsure("the wiki failed (an error of its own)")
    advice = WRONG if code in ENDED else ADVICE.get(code, "")
    message = "; ".join(filter(None, [f"the wiki refused ({code or 'without a reason'})", advice]))
    raise Refused(message, body=code.encode())

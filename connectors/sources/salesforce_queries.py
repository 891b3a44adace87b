"""Questions to Salesforce in its query language (SOQL), and what to do about each way of it to refuse."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from connectors.asking import Api
from connectors.errors import ConnectorError, Refused, RetryLater
from connectors.loose import Loose

VERSION = "v62.0"
PARTS = 20
"""Further answers to one question that are read."""
PAUSE = timedelta(minutes=15)
"""After the limit of requests: Salesforce counts those of the last 24 hours, so that some are free again."""
SIMPLE = re.compile(r"[A-Za-z0-9]{15,18}")
"""The form of an id."""
NO_COLUMN = re.compile(r"No such column '([\w.]{1,80})' on entity '(\w{1,80})'")
ADVICE: Mapping[str, str] = {
    "API_DISABLED_FOR_ORG": "this edition of Salesforce has no API, or the user that Koe runs as lacks the "
    "permission “API Enabled”",
    "INVALID_FIELD": "let the user that Koe runs as see all fields of contacts and cases that Koe asks for",
    "INSUFFICIENT_ACCESS": "let the user that Koe runs as read cases, e-mails, accounts and opportunities",
    "INVALID_SESSION_ID": "see that the app has the scope “Manage user data via APIs (api)”, and that no "
    "restriction of addresses (IP) keeps Koe out",
    "invalid_client": "copy the consumer secret of the app anew",
    "invalid_client_id": "copy the consumer key of the app anew; a new app is known after ten minutes",
    "invalid_grant": "give the address of My Domain (https://….my.salesforce.com), and choose a user under "
    "“Run As” in the policies of the app",
    "inactive_user": "the user that Koe runs as is not active",
    "unsupported_grant_type": "enable the client credentials flow in the settings of the app",
}
"""What people can do, by the code of the error."""


@dataclass(kw_only=True)
class Queries:
    """An organisation of Salesforce that can be asked."""

    unproven: Api
    credentials: Mapping[str, str] = field(repr=False)

    def rows(self, soql: str, *, optional: bool = False) -> Sequence[Loose] | None:
        """Return all rows that a question comes to, deleted ones among them.

        None where it is `optional` and there are no such objects, or none that the user may see. Raises
        Refused and RetryLater.
        """
        try:
            found = self._get(f"/services/data/{VERSION}/queryAll", {"q": soql})
        except Refused as error:
            if optional and _code(error) == "INVALID_TYPE":
                return None
            raise
        if not isinstance(found["records"].value, list):
            raise Refused("Salesforce answered with something that is no list of records")
        rows = [*found["records"]]
        for _ in range(PARTS):
            following = found["nextRecordsUrl"].text
            if following is None:
                return rows
            found = self._get(following, {})
            rows += found["records"]
        return rows

    def _get(self, path: str, params: Mapping[str, str]) -> Loose:
        try:
            return self._proven.get(path, params)
        except Refused as error:
            if error.status != 401:
                raise _explained(error) from error
        self.__dict__.pop("_proven", None)  # the session has ended, and another one is begun, once
        try:
            return self._proven.get(path, params)
        except Refused as error:
            raise _explained(error) from error

    @cached_property
    def _proven(self) -> Api:
        """The API with a token. Raises Refused and RetryLater."""
        try:
            told = self.unproven.form("/services/oauth2/token", self.credentials)
        except Refused as error:
            raise _explained(error) from error
        if (token := told["access_token"].text) is None:
            raise Refused("Salesforce gave no token; is the address that of My Domain?")
        return replace(self.unproven, headers={"authorization": f"Bearer {token}"})


def moment(at: datetime) -> str:
    """Return a time as SOQL writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def among(ids: Sequence[str]) -> str:
    """Return a list of ids as SOQL writes it; what is no id is left out."""
    return f"({','.join(repr(one) for one in ids if SIMPLE.fullmatch(one))})"


def _code(error: Refused) -> str:
    told = Loose.glimpse(error.body)
    return told[0]["errorCode"].text or told["error"].text or ""


def _explained(error: Refused) -> ConnectorError:
    """Return what to do about a refusal."""
    code, told = _code(error), Loose.glimpse(error.body)[0]["message"].text or ""
    if code == "REQUEST_LIMIT_EXCEEDED":
        return RetryLater("Salesforce has answered as much as it does within 24 hours", after=PAUSE)
    if code == "INVALID_FIELD" and (named := NO_COLUMN.search(told)):
        advice: str | None = (
            f"there is no field {named[1]} of {named[2]} that the user Koe runs as may see: allow it, or "
            "change the setting that names it"
        )
    else:
        advice = ADVICE.get(code, f"its code is {code}" if re.fullmatch(r"[A-Za-z_]{1,60}", code) else None)
    message = f"{error}; {advice}" if advice else str(error)
    return Refused(message, status=error.status, body=error.body)

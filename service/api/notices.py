"""`/notices`: those who raised a theme are told what was done about it, once a person has agreed."""

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from service.access.caching import tagged
from service.api.deps import ReaderDep, SessionDep, WriterDep
from service.api.fields import Id, word
from service.api.problems import single
from service.api.writes import JsonRoute, Key, once, written
from service.models.effect import INTERVENTION_KINDS
from service.pipeline import notice_templates, notices
from service.pipeline.notice_overview import Overview, overview
from service.pipeline.notice_rows import rows, summary
from service.pipeline.notice_templates import Templates, templates_of
from service.pipeline.notices import ANSWERS
from service.repositories import notices as notice_repository
from service.rules.notice_templates import DONE
from service.rules.notices import WAYS

router = APIRouter(tags=["notices"], route_class=JsonRoute)

MOST = 50
"""Notices that are listed, the latest first."""
STATES = (
    "not_told",
    "pending",
    "sending",
    "uncertain",
    "paused",
    "told",
    "by_hand",
    "stopped",
    "failed",
    "unsure",
)
WRITTEN = written("It is done; the notice as it is now.")
Storable = Annotated[str, Field(max_length=500, min_length=1, pattern=r"^[^\x00]*$")]
Text = Annotated[str, Field(max_length=10_000, pattern=r"^[^\x00]*$")]


class Waiting(BaseModel):
    """How many could be told, by which way."""

    reply: int = Field(description="By a reply in the source.")
    by_hand: int = Field(description="By a person alone.")
    none: int = Field(description="Not at all, such as those who said no.")


class Notice(BaseModel):
    """What those who raised a theme are told of one intervention."""

    notice_id: str
    intervention_id: str
    theme_id: str | None
    kind: Annotated[str, word(INTERVENTION_KINDS)]
    occurred_at: str
    version: int = Field(description="How often people have changed its texts.")
    offer: str = Field(
        description="Stands for everybody who can be told by a reply, and for what each would be told."
    )
    waiting: Waiting
    told: dict[str, int] = Field(description="How many were told or are being told, by state.")

    @classmethod
    def of(cls, seen: Overview) -> "Notice":
        """Return a notice as the API tells it."""
        return cls.model_validate(summary(seen))


class Person(BaseModel):
    """Somebody who raised the theme."""

    customer_id: str | None
    source: str | None
    conversation: str | None = Field(description="What the source calls it.")
    channel: str | None
    lang: str | None
    consent: Annotated[str | None, word((*ANSWERS, None))]
    way: Annotated[str | None, word((*WAYS, None))]
    state: Annotated[str, word(STATES)]
    reason: str | None = Field(description="Why not by a reply, or why a reply was not sent.")
    text: str | None


class NoticeInFull(Notice):
    """A notice with its texts and all whom it is about."""

    texts: dict[str, str] = Field(description="By language and form, such as `ja-mail`.")
    recipients: list[Person]

    @classmethod
    def of(cls, seen: Overview) -> "NoticeInFull":
        """Return a notice in full."""
        return cls.model_validate(
            {**summary(seen), "texts": dict(seen.texts), "recipients": list(rows(seen))}
        )


class Notices(BaseModel):
    """The latest notices."""

    data: list[Notice]


class Texts(BaseModel):
    """What a notice is to say."""

    model_config = ConfigDict(extra="forbid")

    texts: dict[Annotated[str, Field(max_length=20)], Text] = Field(
        max_length=10,
        description="By language and form; an empty one is the usual one again.",
        examples=[{"ja-mail": "修正が完了しました。"}],
    )
    version: int = Field(ge=0, le=2**31 - 1, description="Of the notice as it was read.", examples=[0])


class NoticeTemplate(BaseModel):
    """What notices are made from in one language and form."""

    key: str = Field(description="Language and form, such as `ja-mail`.")
    text: str
    usual: str = Field(description="What it is where the team has written none.")
    is_own: bool = Field(description="Whether the team wrote it.")


class NoticeTemplates(BaseModel):
    """What notices of one thing that is done are made from."""

    done: Annotated[str, word(DONE)]
    version: str
    each: list[NoticeTemplate]

    @classmethod
    def of(cls, found: Templates) -> "NoticeTemplates":
        """Return templates as the API tells them."""
        return cls.model_validate(asdict(found))


class EveryTemplate(BaseModel):
    """What all notices are made from."""

    data: list[NoticeTemplates]


class TemplateTexts(BaseModel):
    """What notices are to be made from."""

    model_config = ConfigDict(extra="forbid")

    texts: dict[Annotated[str, Field(max_length=20)], Text] = Field(
        max_length=10,
        description="By language and form; an empty one is the usual one again. A text may name `{thanks}`, "
        "`{title}` and `{url}`; a line whose title or address is not known is left out.",
        examples=[{"ja-mail": "{thanks}\n修正が完了しました。"}],
    )
    version: str = Field(max_length=100, description="Of the templates as they were read.", examples=["0f1e"])


class Agreement(BaseModel):
    """What was seen when somebody agreed."""

    model_config = ConfigDict(extra="forbid")

    offer: str = Field(max_length=100, description="Of the notice as it was read.", examples=["0f1e2d3c4b5a"])


class ByHand(BaseModel):
    """Whom a person told."""

    model_config = ConfigDict(extra="forbid")

    customers: list[Storable] | None = Field(
        default=None, max_length=10_000, description="Their ids; null for all who are told by hand."
    )


class Consent(BaseModel):
    """Whether a customer wants to be told of such things."""

    model_config = ConfigDict(extra="forbid")

    customer_id: Storable = Field(examples=["c-1042"])
    answer: Literal["yes", "no", "unknown"] = Field(examples=["no"])


EVERYBODY = ByHand()


@router.get("/notices", summary="List the notices that could be sent")
def list_notices(caller: ReaderDep, session: SessionDep) -> Notices:
    """One for each intervention, the latest fifty."""
    found = notice_repository.interventions_of(session, caller.organisation_id, most=MOST)
    return Notices(data=[Notice.of(overview(session, caller.organisation_id, one.id)) for one in found])


@router.get("/notice-templates", summary="List what notices are made from")
def list_templates(caller: ReaderDep, session: SessionDep) -> EveryTemplate:
    """Of everything that can be done, the texts in each language and form."""
    found = templates_of(session, caller.organisation_id)
    return EveryTemplate(data=[NoticeTemplates.of(one) for one in found])


@router.post(
    "/notice-templates/{done}",
    summary="Change what notices are made from",
    response_model=NoticeTemplates,
    responses=written("It is done; the templates as they are now."),
)
def change_templates(
    request: Request,
    caller: WriterDep,
    session: SessionDep,
    done: Annotated[str, Path(max_length=20, json_schema_extra={"enum": list(DONE)})],
    said: TemplateTexts,
    key: Key = None,
) -> Response:
    """Notices that nobody has changed by hand follow at once. Where somebody else has changed the templates
    since that version, this is a conflict."""

    def work() -> NoticeTemplates:
        changed = notice_templates.change(
            session, caller.organisation_id, done, said.texts, version=said.version
        )
        return NoticeTemplates.of(changed)

    return once(request, session, caller, key, work, content=said)


@router.get("/notices/{notice_id}", summary="Get a notice", response_model=NoticeInFull, responses=single())
def get_notice(request: Request, caller: ReaderDep, session: SessionDep, notice_id: Id) -> Response:
    """What would be said, to whom, and how it stands with each."""
    return tagged(request, NoticeInFull.of(overview(session, caller.organisation_id, notice_id)))


@router.post(
    "/notices/{notice_id}/texts",
    summary="Change what a notice says",
    response_model=NoticeInFull,
    responses=WRITTEN,
)
def change_texts(
    request: Request, caller: WriterDep, session: SessionDep, notice_id: Id, said: Texts, key: Key = None
) -> Response:
    """What is on its way already stays as it was agreed to."""

    def work() -> NoticeInFull:
        changed = notices.edit(session, caller.organisation_id, notice_id, said.texts, version=said.version)
        return NoticeInFull.of(changed)

    return once(request, session, caller, key, work, content=said)


@router.post(
    "/notices/{notice_id}/agree",
    summary="Tell all who can be told by a reply",
    response_model=NoticeInFull,
    responses=WRITTEN,
)
def agree_to_notice(
    request: Request, caller: WriterDep, session: SessionDep, notice_id: Id, said: Agreement, key: Key = None
) -> Response:
    """Nothing is sent before ten minutes have passed, and nobody is told twice. Where other people would be
    told by now, or the texts have changed, this is a conflict."""

    def work() -> NoticeInFull:
        agreed = notices.agree(session, caller.organisation_id, notice_id, by=caller.name, offer=said.offer)
        return NoticeInFull.of(agreed)

    return once(request, session, caller, key, work, content=said)


@router.post(
    "/notices/{notice_id}/stop",
    summary="Send nothing more of a notice",
    response_model=NoticeInFull,
    responses=WRITTEN,
)
def stop_notice(
    request: Request, caller: WriterDep, session: SessionDep, notice_id: Id, key: Key = None
) -> Response:
    """What waits is taken back. What may have arrived is looked up, and not sent again."""

    def work() -> NoticeInFull:
        notices.stop(session, caller.organisation_id, notice_id, by=caller.name)
        return NoticeInFull.of(overview(session, caller.organisation_id, notice_id))

    return once(request, session, caller, key, work)


@router.post(
    "/notices/{notice_id}/by-hand",
    summary="Say that a person told customers",
    response_model=NoticeInFull,
    responses=WRITTEN,
)
def told_by_hand(
    request: Request,
    caller: WriterDep,
    session: SessionDep,
    notice_id: Id,
    said: ByHand = EVERYBODY,
    key: Key = None,
) -> Response:
    """They are told from then on."""

    def work() -> NoticeInFull:
        told = notices.told_by_hand(
            session, caller.organisation_id, notice_id, by=caller.name, keys=said.customers
        )
        return NoticeInFull.of(told)

    return once(request, session, caller, key, work, content=said)


@router.post(
    "/consents",
    summary="Say whether a customer wants to be told",
    response_model=Consent,
    responses=written("It is noted."),
)
def note_consent(
    request: Request, caller: WriterDep, session: SessionDep, said: Consent, key: Key = None
) -> Response:
    """A no is obeyed until the last moment, by replies that are on their way, too."""

    def work() -> Consent:
        notices.say(session, caller.organisation_id, said.customer_id, said.answer, by=caller.name)
        return said

    return once(request, session, caller, key, work, content=said)

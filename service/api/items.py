"""`/items`: what customers said, without personal data, each item with the theme that it is about."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from service.access.caching import tagged
from service.api.deps import ReaderDep, SessionDep
from service.api.fields import Id, Instant, Text, UpdatedAt, changed, one_of, stamp, word
from service.api.lists import ListQuery, Page, find, find_one
from service.api.problems import single
from service.exports.shapes import item_row
from service.models.item import CHANNELS
from service.models.span import SEVERITIES
from service.models.touchpoint import LAYERS, MOMENTS, Touchpoint
from service.repositories import followed, tones, touchpoints
from service.repositories.archive import Heard
from service.repositories.tones import NOTHING, Told

router = APIRouter(prefix="/items", tags=["items"])

SET_ASIDE = ("spam", "empty", "bot")


class Item(BaseModel):
    """A ticket, chat, call, interview, review or survey answer, as in the export `items`."""

    item_id: str
    source: str
    external_id: str = Field(description="As its own system calls it.")
    channel: Annotated[str, word(CHANNELS)]
    lang: str | None
    created_at: str | None
    customer_id: str | None
    account_id: str | None
    text: str = Field(description="Plain text without personal data: title, then messages.")
    set_aside: str | None = Field(description="Why it is kept out of the themes: `spam`, `empty`, `bot`.")
    theme_id: str | None = Field(description="The theme of most of it. Null where it is in none.")
    severity: Annotated[
        str | None, word((*SEVERITIES, None), "The gravest of its voices. Null where nothing is wrong.")
    ]
    sentiment: float | None = Field(description="How it sounds, -1 to 1. Null where nothing tells.")
    layer: Annotated[str | None, word((*LAYERS, None), "Where it was heard. Null where nobody knows.")]
    moment: Annotated[str | None, word((*MOMENTS, None), "In which moment of truth it was heard.")]
    updated_at: UpdatedAt

    @classmethod
    def of(cls, heard: Heard, told: Told, at: Touchpoint) -> "Item":
        """Return an item as the API tells it."""
        item = heard.item
        more = {"item_id": item.id, "updated_at": stamp(changed(item)), **told._asdict(), **at._asdict()}
        return cls.model_validate({**item_row(heard), **more})


class ItemQuery(ListQuery):
    """Which items."""

    item_id: Text = None
    source: Text = Field(default=None, examples=["helpdesk-ja"])
    external_id: Text = None
    channel: Annotated[Text, *one_of(CHANNELS)] = Field(default=None, examples=["ticket"])
    lang: Text = Field(default=None, examples=["ja"])
    created_at: Instant = None
    customer_id: Text = Field(default=None, examples=["null"])
    account_id: Text = None
    set_aside: Annotated[Text, *one_of(SET_ASIDE)] = Field(default=None, examples=["null"])
    theme_id: Text = Field(default=None, examples=["null"])
    severity: Annotated[Text, *one_of(SEVERITIES)] = Field(default=None, examples=["critical"])
    layer: Annotated[Text, *one_of(LAYERS)] = Field(default=None, examples=["high"])
    moment: Annotated[Text, *one_of(MOMENTS)] = Field(default=None, examples=["null"])


@router.get("", summary="List items")
def list_items(caller: ReaderDep, session: SessionDep, query: Annotated[ItemQuery, Query()]) -> Page[Item]:
    """An item changes when its own words or fields do. Its theme is told as it is now, and is no change of
    the item: after a run, read the evidence of the themes that changed."""
    fetch = partial(followed.items, session, caller.organisation_id)
    found = find(session, query, fetch, place=lambda heard: (changed(heard.item), heard.item.id))
    told = tones.of_items(session, caller.organisation_id, [heard.item.id for heard in found.rows])
    at = touchpoints.of_items(session, caller.organisation_id, [heard.item.id for heard in found.rows])
    return found.page(
        [Item.of(heard, told.get(heard.item.id, NOTHING), at[heard.item.id]) for heard in found.rows]
    )


@router.get("/{item_id}", summary="Get an item", response_model=Item, responses=single())
def get_item(request: Request, caller: ReaderDep, session: SessionDep, item_id: Id) -> Response:
    """One item in full."""
    fetch = partial(followed.items, session, caller.organisation_id)
    told = tones.of_items(session, caller.organisation_id, [item_id])
    at = touchpoints.of_items(session, caller.organisation_id, [item_id]).get(item_id, Touchpoint())
    return tagged(request, Item.of(find_one(fetch, item_id=item_id), told.get(item_id, NOTHING), at))

"""Lists to take away: what a page lists, all pages of it, as a file for a spreadsheet."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from service.models import Theme
from service.repositories import effects as effect_repository
from service.repositories import follows, portraits, tallies, theme_lists, voices
from service.repositories import suggestions as suggestion_repository
from service.web.deps import SessionDep
from service.web.items import VoiceQuery
from service.web.language import Language
from service.web.page import CallerDep, OrganisationDep, PagesDep
from service.web.sheets import Cell, Form, sheet
from service.web.themes import ThemeQuery

router = APIRouter(prefix="/lists")

MOST = 10_000
"""Rows of a file at most: the first ones in the order of the list."""
Word = Annotated[str, Query(max_length=200)]


@router.get("/themes.{form}")
def take_themes(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    caller: CallerDep,
    form: Form,
    query: Annotated[ThemeQuery, Query()],
) -> Response:
    """Give the themes that the list has with these filters."""
    t, zone = pages.language(request), pages.zone(request)
    followed = follows.followed(session, organisation_id, caller.id)
    listed = theme_lists.find(
        session, organisation_id, query.wanted(followed), zone=zone, sort=query.sort, limit=MOST, offset=0
    )
    figures = tallies.stored(session, organisation_id, listed, zone=zone)
    columns = ("suggestions.theme", "common.kind", "common.lang", "portrait.stage", "value.name")
    counted = ("common.contacts", "common.customers", "common.voices", "theme.revenue", "themes.trend")
    return sheet(
        "themes",
        form,
        ["theme_id", *(t(name) for name in (*columns, *counted))],
        (
            [
                *_theme(t, one.theme),
                round(one.value.worth, 1) if one.value else None,
                one.contacts,
                one.customers,
                one.items,
                " + ".join(t.money(float(amount), unit) for unit, amount in one.revenue.items()),
                " ".join(str(count) for _, count in one.weekly[-26:]),
            ]
            for one in figures
        ),
    )


@router.get("/suggestions.{form}")
def take_suggestions(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    form: Form,
    action: Word = "",
    status: Word = "open",
    lang: Word = "",
    sort: Word = "worth",
) -> Response:
    """Give the suggestions that the list has with these filters."""
    t = pages.language(request)
    found, _ = suggestion_repository.find(
        session, organisation_id, status=status, action=action, lang=lang, sort=sort, limit=MOST
    )
    columns = ("suggestions.what", "common.status", "suggestions.confidence", "suggestions.theme")
    return sheet(
        "suggestions",
        form,
        ["suggestion_id", *(t(name) for name in columns), "theme_id"],
        (
            [
                one.suggestion.id,
                t(f"action.{one.suggestion.action}"),
                t(f"status.{one.suggestion.status}"),
                round(one.suggestion.confidence, 2),
                one.theme.title,
                one.theme.id,
            ]
            for one in found
        ),
    )


@router.get("/effects.{form}")
def take_effects(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    form: Form,
    verdict: Word = "",
) -> Response:
    """Give what was done, and what came of it."""
    t = pages.language(request)
    columns = ("effects.what", "effect.new_day", "suggestions.theme", "effects.came")
    figures = ("relative_effect", "low", "high", "naive", "observed", "expected", "weeks_needed")
    return sheet(
        "effects",
        form,
        ["intervention_id", *(t(name) for name in columns), *figures],
        (
            [
                one.intervention.intervention_id,
                t(f"intervention.{one.intervention.kind}"),
                one.intervention.occurred_at.astimezone(t.zone).date(),
                one.theme.title if one.theme else one.intervention.theme,
                t(f"effects.verdict_{one.effect.verdict if one.effect else effect_repository.WAITING}"),
                *(getattr(one.effect, name) if one.effect else None for name in figures),
            ]
            for one in effect_repository.done(session, organisation_id, verdict=verdict or None, limit=MOST)
        ),
    )


@router.get("/accounts.{form}")
def take_accounts(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    form: Form,
    sort: Word = "",
    plan: Word = "",
) -> Response:
    """Give the accounts that the list has with these filters."""
    t = pages.language(request)
    columns = ("theme.account", "theme.plan", "theme.revenue")
    ends = ("accounts.renews", "common.voices", "accounts.last")
    return sheet(
        "accounts",
        form,
        ["account_id", *(t(name) for name in columns), "currency", *(t(name) for name in ends)],
        (
            [
                one.account.account_id,
                one.account.name,
                one.account.plan,
                None if one.account.revenue is None else float(one.account.revenue),
                one.account.currency,
                one.account.renews_at and one.account.renews_at.astimezone(t.zone).date(),
                one.voices,
                one.last and one.last.astimezone(t.zone).date(),
            ]
            for one in portraits.accounts(
                session, organisation_id, sort=sort, plan=plan, limit=MOST, offset=0
            )
        ),
    )


@router.get("/items.{form}")
def take_items(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    form: Form,
    query: Annotated[VoiceQuery, Query()],
) -> Response:
    """Give the voices that the list has with these filters, without what was personal in them."""
    t = pages.language(request)
    rows, _ = voices.search(session, organisation_id, query.wanted(t.zone), limit=MOST)
    columns = ("common.source", "items.channel", "items.when", "items.voice", "items.theme")
    return sheet(
        "voices",
        form,
        ["external_id", *(t(name) for name in columns), "customer_id", "account_id"],
        (
            [
                row.item.external_id,
                row.source,
                t(f"channel.{row.item.channel}"),
                row.item.created_at.astimezone(t.zone).date(),
                row.item.text,
                row.theme.title if row.theme else None,
                row.item.customer_id,
                row.item.account_id,
            ]
            for row in rows
        ),
    )


def _theme(t: Language, theme: Theme) -> list[Cell]:
    return [
        theme.id,
        theme.title,
        t(f"kind.{theme.kind}"),
        theme.lang,
        t(f"stage.{theme.stage}"),
    ]

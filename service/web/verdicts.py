"""What came of an intervention, in sentences that a manager can repeat."""

from collections.abc import Mapping, Sequence
from datetime import date

from markupsafe import Markup

from service.models import Effect, Intervention, Theme
from service.web.charts import Mark
from service.web.language import Language
from service.web.weeks import WEEK, voices_link, week_of

TOO_EARLY = ("short_before", "short_after", "before_first", "in_future")
"""Reasons that weeks are missing on one side of an intervention."""
COUNTED = ("periods", "themes", "times", "days")
"""Figures of a reason that its sentence is in the singular or the plural for."""
FEW = 6
"""Releases, and outages, that are drawn at most."""


def marks(
    t: Language,
    weeks: Sequence[date],
    interventions: Sequence[Intervention],
    happened: Mapping[str, Sequence[date]],
) -> list[Mark]:
    """Return what was done and what came in weeks that are shown, as lines of a picture of them.

    Releases and outages are lines where they are few; more would hide what was done.
    """
    places = {week: place for place, week in enumerate(weeks)}
    named = [
        (f"intervention.{each.kind}", each.occurred_at.astimezone(t.zone).date()) for each in interventions
    ]
    for kind, days in happened.items():
        within = [(f"happening.{kind}", day) for day in days if week_of(day) in places]
        named += within if len(within) <= FEW else []
    return [
        Mark(place=places[week_of(day)], label=f"{t(key)} {t.short_day(day)}")
        for key, day in named
        if week_of(day) in places
    ]


def told_effects(
    t: Language, theme: Theme, interventions: Sequence[Intervention], effects: Sequence[Effect]
) -> list[tuple[str, Markup, list[Markup]]]:
    """Return each intervention's id, what came of it in sentences, and what is to be known of that."""
    known = {effect.intervention_id: effect for effect in effects}
    return [
        (each.id, told_effect(t, theme, each, known.get(each.id)), effect_reasons(t, known.get(each.id)))
        for each in interventions
    ]


def told_effect(t: Language, theme: Theme, intervention: Intervention, effect: Effect | None) -> Markup:
    """Return what came of one intervention: contacts a week, open to their voices, and what that is worth."""
    words = {"kind": t(f"intervention.{intervention.kind}"), "day": t.day(intervention.occurred_at)}
    found = [reason for reason in (effect.reasons if effect else []) if reason["code"] == "before_after"]
    if effect is None or not found:
        early = effect is None or any(reason["code"] in TOO_EARLY for reason in effect.reasons)
        return _judged(t, t.rich("theme.effect_wait" if early else "theme.effect_silent", **words), effect)
    start = week_of(intervention.occurred_at.astimezone(t.zone).date())
    segment = intervention.segment
    before, after = found[0]["weeks_before"], found[0]["weeks_after"]
    told = t.rich(
        "theme.effect",
        before=number_link(
            t,
            found[0]["contacts_before"] / before,
            voices_link(theme, start - before * WEEK, before, contacts=True, segment=segment),
        ),
        after=number_link(
            t,
            found[0]["contacts_after"] / after,
            voices_link(theme, start + WEEK, after, contacts=True, segment=segment),
        ),
        **words,
    )
    return _judged(t, told, effect)


def in_short(t: Language, effect: Effect | None) -> str:
    """Return what came of an intervention in the words of a list."""
    if effect is None:
        return t("effect.short_waiting")
    if effect.low is None or effect.high is None:
        return t("effect.short_silent")
    return t(
        f"effect.short_{effect.verdict}",
        change=t.change(effect.relative_effect or 0.0),
        low=t.change(effect.low),
        high=t.change(effect.high),
    )


def _judged(t: Language, told: Markup, effect: Effect | None) -> Markup:
    """Return what is told with the verdict, where there is an interval for it."""
    return told if effect is None or effect.low is None else Markup("{} {}").format(told, verdict(t, effect))


def verdict(t: Language, effect: Effect) -> Markup:
    """Return the sentence that a manager can repeat."""
    return t.rich(
        f"effect.{effect.verdict}",
        change=t.change(effect.relative_effect or 0.0),
        low=t.change(effect.low or 0.0),
        high=t.change(effect.high or 0.0),
        observed=effect.observed or 0.0,
        expected=effect.expected or 0.0,
    )


def effect_reasons(t: Language, effect: Effect | None) -> list[Markup]:
    """Return what is to be known of an effect, a sentence each."""
    found = []
    for reason in effect.reasons if effect else []:
        key = f"effect.why_{reason['code']}"
        if not t.has(key):
            continue
        words: dict[str, object] = {name: value for name, value in reason.items() if name != "code"}
        if "period" in words:
            words["period"] = t.day(date.fromisoformat(str(words["period"])))
        if "effect" in words:
            words["effect"] = t.percent(reason["effect"])
        waits = effect.weeks_needed if effect is not None and reason["code"] == "too_uncertain" else None
        words["n"] = waits or next((reason[name] for name in COUNTED if name in reason), None)
        if "theme" in words:
            words["theme"] = Markup('<a href="/themes/{}">{}</a>').format(
                words["theme"], t("effect.another_theme")
            )
        found.append(t.rich(key, **words))
    return found


def number_link(t: Language, number: float, address: str) -> Markup:
    """Return a number that opens to what is behind it."""
    return Markup('<a class="open" href="{}">{}</a>').format(address, t.number(number))

"""A notice as programs and spreadsheets read it: a row for everybody who raised the theme."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import UTC

from connectors.files.formulas import harmless
from service.pipeline.notice_overview import Overview
from service.pipeline.replies import state_of, why
from service.repositories.notices import Told
from service.rules.notices import WAYS, Asker

COLUMNS = (
    "customer_id",
    "source",
    "conversation",
    "channel",
    "lang",
    "consent",
    "way",
    "state",
    "reason",
    "text",
)


def rows(seen: Overview) -> Iterator[dict[str, str | None]]:
    """Yield everybody: those who are not told yet, then those who were or are being told."""
    for asker in seen.waiting:
        yield _of_asker(seen, asker)
    for told in seen.told:
        yield _of_told(seen, told)


def summary(seen: Overview) -> dict[str, object]:
    """Return a notice in figures."""
    states = Counter(state_of(told) for told in seen.told)
    return {
        "notice_id": seen.notice_id,
        "intervention_id": seen.intervention.intervention_id,
        "theme_id": seen.theme.id if seen.theme else None,
        "kind": seen.intervention.kind,
        "occurred_at": seen.intervention.occurred_at.astimezone(UTC).isoformat(),
        "version": seen.version,
        "offer": seen.offer,
        "waiting": {way: len(seen.by_way(way)) for way in WAYS},
        "told": dict(states),
    }


def by_hand_csv(seen: Overview) -> str:
    """Return as CSV whom a person has to tell, and what: those without a reply and those whose reply failed.

    Nobody is in it who must not be told. A spreadsheet runs nothing of it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    told = [_of_told(seen, one) for one in seen.by_hand_after]
    for row in (*(_of_asker(seen, one) for one in seen.by_way("by_hand")), *told):
        writer.writerow([harmless(row[name] or "") for name in COLUMNS])
    return out.getvalue()


def _of_told(seen: Overview, told: Told) -> dict[str, str | None]:
    item, sent = told.item, told.delivery
    return {
        "customer_id": told.customer_id,
        "source": told.source,
        "conversation": item.external_id if item else None,
        "channel": item.channel if item else None,
        "lang": item.lang if item else None,
        "consent": seen.consents.get(told.customer_id or "", "unknown"),
        "way": "reply" if sent else None,
        "state": state_of(told),
        "reason": why(sent),
        "text": sent.payload["data"]["text"] if sent and sent.payload else None,
    }


def _of_asker(seen: Overview, asker: Asker) -> dict[str, str | None]:
    return {
        "customer_id": asker.customer_id,
        "source": asker.voice.source,
        "conversation": asker.voice.external_id,
        "channel": asker.voice.channel,
        "lang": asker.lang,
        "consent": asker.consent,
        "way": asker.way,
        "state": "not_told",
        "reason": asker.reason or None,
        "text": seen.text_for(asker) if asker.way != "none" else None,
    }

"""A notice as programs and spreadsheets read it: a row for everybody who raised the theme."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC

from connectors.files.formulas import harmless
from service.models import Delivery
from service.pipeline.notices import WITHHELD, Overview
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
CODES: Mapping[str, str] = {words: code for code, words in WITHHELD.items()}


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
    for row in rows(seen):
        if row["way"] == "by_hand" or (row["state"] == "failed" and row["reason"] not in WITHHELD):
            writer.writerow([harmless(row[name] or "") for name in COLUMNS])
    return out.getvalue()


def _of_told(seen: Overview, told: Told) -> dict[str, str | None]:
    item, sent = told.item, told.delivery
    return {
        "customer_id": told.recipient.customer_id,
        "source": told.source,
        "conversation": item.external_id if item else None,
        "channel": item.channel if item else None,
        "lang": item.lang if item else None,
        "consent": seen.consents.get(told.recipient.customer_id or "", "unknown"),
        "way": "reply" if sent else None,
        "state": state_of(told),
        "reason": why(sent),
        "text": sent.payload["data"]["text"] if sent and sent.payload else None,
    }


def state_of(told: Told) -> str:
    """Return how it stands with a recipient: `told`, `by_hand`, `stopped`, `failed`, or on its way."""
    if told.delivery is None:
        return "by_hand"
    if told.delivery.state == "delivered":
        return "told"
    if told.recipient.stopped_by is not None:
        return "stopped"
    return "failed" if told.delivery.state == "dead" else told.delivery.state


def why(sent: Delivery | None) -> str | None:
    """Return why a reply was not sent, as a code where Koe itself held it back, else in words."""
    if sent is None or sent.reason is None:
        return None
    return CODES.get(sent.reason, sent.reason)


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

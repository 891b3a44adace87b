"""Sources as their examples set them up, and their calls, signed rightly and wrongly."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from connectors.http import Http
from connectors.ports import Article, Call, Event, Heard, Means, Source
from connectors.registry import open_source
from tests.contract.sources import Example, Sent, example_of

NOW = datetime(2026, 5, 3, 9, 0, tzinfo=UTC)
ELSEWHERE = "http://127.0.0.1:9"
"""Nothing listens there."""
UNDATED = frozenset(
    {"discourse", "github", "help-scout", "intercom", "line", "request-tracker", "typeform", "zammad"}
)
"""Kinds that sign no time."""
WORDLESS = frozenset({"hubspot", "request-tracker"})
"""Kinds whose signed calls only name what is to be fetched."""
GREETING = frozenset({"discourse", "front", "github", "help-scout", "intercom", "slack"})
"""Kinds that make sure of an address before they call it."""
DOOR = Means(http=Http(private_hosts=("127.0.0.1",), most_body=1 << 20))


def opened(slug: str, base: str = ELSEWHERE) -> Source:
    """Return a source with all settings of its example."""
    example = example_of(slug)
    return open_source(slug, {k: v.replace("{base}", base) for k, v in example.settings.items()}, DOOR)


def walked(source: Source, since: datetime | None = None) -> Iterator[Sequence[Event]]:
    """Yield what each part of a walk tells."""
    cursor = None
    while True:
        part = source.page(since, cursor)
        yield part.events
        if (cursor := part.cursor) is None:
            return


def there(event: Event, base: str) -> Event:
    """Return an event as it is told where the example's server stands at an address."""
    if isinstance(event, Heard | Article) and event.url is not None:
        return replace(event, url=event.url.replace("{base}", base))
    return event


def call_of(sent: Sent, headers: Mapping[str, str] = MappingProxyType({})) -> Call:
    return Call(url=sent.url, headers={**sent.headers, **sent.naming, **headers}, body=sent.body)


def signed(example: Example, sent: Sent, *, secret: str | None = None, at: datetime = NOW) -> Call:
    assert example.sign is not None
    return call_of(sent, example.sign(sent.body, secret or example.secret, at))


def is_dated(example: Example, sent: Sent) -> bool:
    """Say whether a sender signs the time: another time makes another signature."""
    return signed(example, sent).headers != signed(example, sent, at=NOW + timedelta(days=1)).headers


def malformed(right: Call, example: Example, sent: Sent, *, at: datetime = NOW) -> Mapping[str, Call]:
    """Return a call in the ways in which its proof can be wrong."""
    assert example.sign is not None
    own = example.sign(sent.body, example.secret, at)
    signature = next(name for name in own if "signature" in name and "timestamp" not in name)
    value = own[signature]

    def with_signature(text: str) -> Call:
        return replace(right, headers={**right.headers, signature: text})

    shapes = {
        "nothing": replace(right, headers={k: v for k, v in right.headers.items() if k != signature}),
        "an empty signature": with_signature(""),
        "spaces": with_signature("   "),
        "a cut signature": with_signature(value[:-2]),
        "a longer signature": with_signature(value + "A"),
        "a signature twice": with_signature(f"{value},{value}"),
        "another letter": with_signature(value[:-3] + ("0" if value[-3] != "0" else "1") + value[-2:]),
        "letters beyond ASCII": with_signature("署名" + value),
        "a signature of NUL": with_signature("\0" * len(value)),
        "a very long signature": with_signature(value * 500),
        "a scheme of another sender": with_signature(f"v9={value}"),
        "another secret": replace(right, headers={**right.headers, **example.sign(sent.body, "another", at)}),
        "another body": replace(right, body=right.body + b"\n"),
        "an altered byte": replace(right, body=bytes([right.body[0] ^ 1]) + right.body[1:]),
        "no body": replace(right, body=b""),
    }
    anew = json.dumps(json.loads(sent.body), indent=1).encode()
    return {**shapes, "the same JSON written anew": replace(right, body=anew)}

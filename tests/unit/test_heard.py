"""What a source tells as records: nothing of it is left out in silence."""

from datetime import UTC, datetime

import pytest

from connectors.ports import Changed
from service.imports import heard

NOW = datetime(2026, 5, 3, tzinfo=UTC)


@pytest.mark.parametrize(("more", "mistakes"), [(0, 0), (1, 1), (500, 1)])
def test_more_than_can_be_read_at_once_is_told(more: int, mistakes: int) -> None:
    events = [Changed(external_id=str(number)) for number in range(heard.MOST_EVENTS + more)]
    told = heard.read(events, received_at=NOW)
    assert len(told.changed) == heard.MOST_EVENTS
    assert len(told.mistakes) == mistakes
    assert all("10,000" in mistake.reason for mistake in told.mistakes)

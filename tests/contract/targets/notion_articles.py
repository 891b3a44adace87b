"""A double of Notion that serves as a knowledge base."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.board import Board, listening
from tests.contract.targets.notion_backlog import NotionDesk


@contextmanager
def opened() -> Iterator[NotionDesk]:
    """Run an empty one."""
    with listening(Board()) as board:
        yield NotionDesk(board, "notion-articles", usual="Draft", finished="Published")

"""The tables, one file per noun. Importing this package registers every table."""

from service.models.account import Account, Event
from service.models.article import Article, Passage
from service.models.effect import Effect, Intervention
from service.models.item import Item, Message
from service.models.organisation import MAIN, Organisation
from service.models.run import Assignment, Lineage, Run
from service.models.source import InboxEntry, Source
from service.models.span import Embedding, Span
from service.models.suggestion import Coverage, Delivery, Suggestion, Target
from service.models.theme import Alarm, Centroid, Theme

__all__ = [
    "MAIN",
    "Account",
    "Alarm",
    "Article",
    "Assignment",
    "Centroid",
    "Coverage",
    "Delivery",
    "Effect",
    "Embedding",
    "Event",
    "InboxEntry",
    "Intervention",
    "Item",
    "Lineage",
    "Message",
    "Organisation",
    "Passage",
    "Run",
    "Source",
    "Span",
    "Suggestion",
    "Target",
    "Theme",
]

"""The tables, one file per noun. Importing this package registers every table."""

from service.models.access import (
    Departure,
    IdempotentWrite,
    Identity,
    Invitation,
    Person,
    Presence,
    SignIn,
    Token,
)
from service.models.account import Account, Event
from service.models.alarm import Alarm, Mute, Watch
from service.models.article import Article, Passage, PassageWords
from service.models.correction import Correction, ThemePair
from service.models.customer import AccountHandle, Handle
from service.models.digest import DigestLetter, DigestWeek, DigestWish
from service.models.effect import Effect, Intervention
from service.models.follow import Follow
from service.models.glossary import GlossaryEntry
from service.models.item import Item, Message
from service.models.map_point import MapMiddle, MapPoint
from service.models.notice import Consent, Notice, Recipient
from service.models.organisation import MAIN, Organisation
from service.models.owner import Owner
from service.models.polished import Polished
from service.models.run import Assignment, Lineage, PreviewTheme, Run
from service.models.search import Search
from service.models.source import InboxEntry, Source, WebhookCall
from service.models.span import Embedding, Span, SpanWords, VectorSigns
from service.models.steering import MeasureCase, MeasureSeries
from service.models.suggestion import Coverage, Delivery, DeliveryAttempt, Suggestion, Target
from service.models.tally import Tally, TallyOfAll, TallyOfTouchpoints
from service.models.theme import Centroid, Theme
from service.models.upload import Upload, UploadPiece
from service.models.value import Value, ValueSettings
from service.models.view import SavedView
from service.models.walk import Hint, PaceMark, Walk

__all__ = [
    "MAIN",
    "Account",
    "AccountHandle",
    "Alarm",
    "Article",
    "Assignment",
    "Centroid",
    "Consent",
    "Correction",
    "Coverage",
    "Delivery",
    "DeliveryAttempt",
    "Departure",
    "DigestLetter",
    "DigestWeek",
    "DigestWish",
    "Effect",
    "Embedding",
    "Event",
    "Follow",
    "GlossaryEntry",
    "Handle",
    "Hint",
    "IdempotentWrite",
    "Identity",
    "InboxEntry",
    "Intervention",
    "Invitation",
    "Item",
    "Lineage",
    "MapMiddle",
    "MapPoint",
    "MeasureCase",
    "MeasureSeries",
    "Message",
    "Mute",
    "Notice",
    "Organisation",
    "Owner",
    "PaceMark",
    "Passage",
    "PassageWords",
    "Person",
    "Polished",
    "Presence",
    "PreviewTheme",
    "Recipient",
    "Run",
    "SavedView",
    "Search",
    "SignIn",
    "Source",
    "Span",
    "SpanWords",
    "Suggestion",
    "Tally",
    "TallyOfAll",
    "TallyOfTouchpoints",
    "Target",
    "Theme",
    "ThemePair",
    "Token",
    "Upload",
    "UploadPiece",
    "Value",
    "ValueSettings",
    "VectorSigns",
    "Walk",
    "Watch",
    "WebhookCall",
]

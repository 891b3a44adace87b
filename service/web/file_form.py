"""The form that says how a file is read: as it was typed, as options, and as columns of fields."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connectors.files.encodings import AUTO, clean
from connectors.files.tables import NAMED
from service.imports import LONGEST_NAME, NOUNS, Options
from service.imports.columns import Taken
from service.imports.names import FIELDS
from service.models import Upload
from service.models.columns import digest
from service.models.item import CHANNELS

ENCODINGS = (AUTO, "utf-8", "utf-16", "cp932", "euc-jp", "iso-2022-jp", "cp1252")
LANGUAGES = ("ja", "en", "zh", "ko", "de", "fr", "es", "it", "pt", "nl")
ZONES = (
    *("Asia/Tokyo", "UTC", "Asia/Shanghai", "Asia/Singapore", "Asia/Kolkata", "Europe/London"),
    *("Europe/Berlin", "America/New_York", "America/Los_Angeles", "Australia/Sydney"),
)
TYPED = (
    *("noun", "source", "encoding", "delimiter", "sheet", "timezone", "channel", "lang"),
    *("own", "interviewers", "of"),
)
LONGEST = 1_000
"""Characters of one field."""
COLUMN = re.compile(r"c(\d{1,4})")
"""The name of the field of a column, by its place."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen; what was left empty is left out."""

    typed: Mapping[str, str]

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Choices":
        """Return what a form holds, or an address; anything else in it is left alone."""
        kept = {
            name: clean(value).strip()[:LONGEST]
            for name, value in given.items()
            if name in TYPED or COLUMN.fullmatch(name)
        }
        return cls({name: value for name, value in kept.items() if value or name == "source"})

    @property
    def noun(self) -> str | None:
        """What the rows are; None where that is to be guessed."""
        noun = self.typed.get("noun")
        return noun if noun in NOUNS else None

    def source(self, upload: Upload) -> str:
        """Return the name that the rows are kept under: that of the file, before another was typed."""
        return self.typed.get("source", suggested_source(upload.name))

    def timezone(self, zone: ZoneInfo) -> str:
        """Return the zone of times without an offset."""
        return self.typed.get("timezone", zone.key)

    def options(self, zone: ZoneInfo, mapping: Mapping[str, str] | None = None) -> Options:
        """Return the same as an import takes it; what no field can hold is taken for nothing."""
        typed = self.typed
        return Options(
            mapping=mapping or {},
            channel=_known(typed.get("channel"), CHANNELS),
            lang=_known(typed.get("lang"), LANGUAGES),
            encoding=_known(typed.get("encoding"), ENCODINGS) or AUTO,
            delimiter=_known(typed.get("delimiter"), tuple(NAMED)),
            sheet=typed.get("sheet"),
            own=_several(typed.get("own", "")),
            timezone=self.timezone(zone),
            interviewers=_several(typed.get("interviewers", "")),
        )

    def mapping(self, noun: str, columns: Sequence[str]) -> Mapping[str, str]:
        """Return the column by field as it was chosen for these columns; nothing, where it was for others.

        A field that no column was chosen for has none (an empty name).
        """
        if self.typed.get("of") != shape(noun, columns):
            return {}
        chosen: dict[str, str] = dict.fromkeys(FIELDS[noun], "")
        for place, column in enumerate(columns):
            field = self.typed.get(f"c{place}", "")
            if field in chosen and not chosen[field]:
                chosen[field] = column
        return chosen

    def twice(self, noun: str, columns: Sequence[str]) -> Sequence[int]:
        """Return the places of columns whose field another column before them was chosen for."""
        if self.typed.get("of") != shape(noun, columns):
            return ()
        fields = [self.typed.get(f"c{place}", "") for place in range(len(columns))]
        return [place for place, field in enumerate(fields) if field and field in fields[:place]]

    def faults(self, upload: Upload, zone: ZoneInfo) -> Mapping[str, str]:
        """Return the key of what is wrong with what was typed, by the name of its field."""
        found = {}
        source = self.source(upload)
        if not source or not source.isprintable() or len(source) > LONGEST_NAME:
            found["source"] = "files.source_odd"
        try:
            ZoneInfo(self.timezone(zone))
        except (KeyError, ValueError, OSError):
            found["timezone"] = "files.timezone_odd"
        return found


def shape(noun: str, columns: Sequence[str]) -> str:
    """Return a word for a noun and columns: other ones are mapped anew."""
    return digest(noun, *columns)


def by_place(taken: Taken, columns: Sequence[str]) -> Mapping[int, str]:
    """Return the field of each column that has one, by the column's place."""
    fields = {column: field for field, column in taken.columns.items()}
    return {place: fields[column] for place, column in enumerate(columns) if column in fields}


def suggested_source(name: str) -> str:
    """Return what a file's source may be called: as the file, without its ending."""
    stem = name.rpartition(".")[0] or name
    return stem[:60].strip()


def _known(value: str | None, known: Sequence[str]) -> str | None:
    return value if value in known else None


def _several(typed: str) -> tuple[str, ...]:
    return tuple(part for each in re.split("[,、，]", typed) if (part := each.strip()))

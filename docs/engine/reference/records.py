"""What the entries of each file in docs/data hold, as classes: msgspec reads and checks them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Generic, Literal, TypeVar

from msgspec import Meta, Struct, field

T = TypeVar("T")
Text = Annotated[str, Meta(pattern=r"\S")]
Source = Literal["S0", "S1", "S2", "S3", "S4"]
Kind = Literal["scalar", "vector", "matrix", "set", "function", "operator", "index", "number", "random variable",
               "distribution"]


class Record(Struct, forbid_unknown_fields=True, omit_defaults=True):
    pass


R = TypeVar("R", bound=Record)


class Both(Record, Generic[T]):
    """A value in each language: `key.zh = …` and `key.en = …`."""

    zh: T
    en: T

    def __getitem__(self, language: str) -> T:
        return getattr(self, language)


class Some(Record, Generic[T]):
    """A value in some language: `key.zh = …`, `key.en = …` or both."""

    zh: T | None = None
    en: T | None = None

    def get(self, language: str) -> T | None:
        return getattr(self, language)


class Note(Record):
    title: Both[Text]
    covers: Both[Text]
    original: Text
    author: Text | None = None
    date: Text | None = None
    address: Text | None = None


class Topic(Both[Text]):
    place: Text


class Settled(Record, kw_only=True):
    """What questions and corrections have in common."""

    note: Source | list[Source]
    place: Text
    symbols: dict[str, str] | None = None
    see: list[Text] = []


class Question(Settled):
    question: Both[Text]
    answer: Both[Text]


class Erratum(Settled):
    claim: Both[Text]
    correction: Both[Text]
    kind: Literal["clarification"] | None = None


class Term(Both[Text]):
    define: Both[Text]
    place: Text
    rejected: Some[list[Text]] = field(default_factory=Some[list[Text]])
    forms: Some[list[Text]] = field(default_factory=Some[list[Text]])
    searched: Some[list[Text]] = field(default_factory=Some[list[Text]])
    symbols: dict[str, str] | None = None
    sorted_as: Some[Text] = field(default_factory=Some[Text])


class Work(Record):
    authors: list[Text] | Both[list[Text]]
    title: Text
    year: int
    within: Text | None = field(default=None, name="in")
    doi: Text | None = None
    arxiv: Text | None = None
    isbn: Text | None = None
    url: Text | None = None
    remark: Both[Text] | None = None
    short: Text | Both[Text] | None = None


class Row(Both[Text]):
    """A row of the symbol table; `row`: its number in the notes' own table, `chapter`: the only one it holds in."""

    latex: Text
    kind: Kind
    letters: list[Text] | None = None
    shape: str = ""
    numpy: str = ""
    row: int | None = None
    lee: Text | None = None
    ng: Text | None = None
    cs224w: Text | None = None
    remark: Both[Text] | None = None
    chapter: Text | None = None


@dataclass(frozen=True)
class File(Generic[R]):
    """A data file: the class of its entries, the form of their ids."""

    record: type[R]
    ids: re.Pattern[str] = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
    id_form: str = "small letters, digits and hyphens"


FILES: Mapping[str, File] = {
    "notes": File(Note, re.compile(r"S\d"), "S and a digit"),
    "topics": File(Topic, re.compile(r"S\d-\d\d"), "S0-01 and the like"),
    "questions": File(Question, re.compile(r"Q\d\d"), "Q and two digits"),
    "errata": File(Erratum, re.compile(r"E\d\d"), "E and two digits"),
    "glossary": File(Term),
    "bibliography": File(Work, re.compile(r"[a-z][a-z0-9-]*\d{4}[a-z]?"), "a surname and a year"),
    "symbols": File(Row),
}

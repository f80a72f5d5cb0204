"""What each file in docs/data holds: an `Entry` for each of its tables, with values of the file's own class, which
msgspec reads and checks."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Generic, Literal, TypeVar

from msgspec import Meta, Struct, field

from ..source.errors import BookError

T = TypeVar("T")
Text = Annotated[str, Meta(pattern=r"\S")]
Source = Literal["S0", "S1", "S2", "S3", "S4"]
Kind = Literal["scalar", "vector", "matrix", "set", "function", "operator", "index", "number", "random variable",
               "distribution"]


class Record(Struct, forbid_unknown_fields=True, omit_defaults=True):
    ids: ClassVar[str] = r"[a-z0-9]+(?:-[a-z0-9]+)*"
    id_form: ClassVar[str] = "small letters, digits and hyphens"


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
    ids = r"S\d"
    id_form = "S and a digit"
    title: Both[Text]
    covers: Both[Text]
    original: Text
    author: Text | None = None
    date: Text | None = None
    address: Text | None = None


class Topic(Both[Text]):
    ids = r"S\d-\d\d"
    id_form = "S0-01 and the like"
    place: Text


class Settled(Record, kw_only=True):
    """What questions and corrections have in common."""

    note: Source | list[Source]
    place: Text
    symbols: dict[str, str] | None = None
    see: list[Text] = []


class Question(Settled):
    ids = r"Q\d\d"
    id_form = "Q and two digits"
    question: Both[Text]
    answer: Both[Text]


class Erratum(Settled):
    ids = r"E\d\d"
    id_form = "E and two digits"
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
    ids = r"[a-z][a-z0-9-]*\d{4}[a-z]?"
    id_form = "a surname and a year"
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


FILES: Mapping[str, type[Record]] = {
    "notes": Note, "topics": Topic, "questions": Question, "errata": Erratum, "glossary": Term, "bibliography": Work,
    "symbols": Row,
}
HEADER = re.compile(r'^\s*\[\s*"?([^\]"]+?)"?\s*\]', re.M)


@dataclasses.dataclass(frozen=True)
class Entry(Generic[R]):
    """One entry; `line` is its header's, `text` the file, so that errors can name the line of a key."""

    id: str
    values: R
    path: str
    line: int
    text: str = dataclasses.field(repr=False)

    def error(self, message: str, key: str = "", within: str = "") -> BookError:
        """An error at a key of this entry (`answer` or `answer.zh`), or at the line below it that holds `within`."""
        return BookError(f"[{self.id}] {message}", path=self.path, line=self._line(key, within))

    def _line(self, key: str, within: str) -> int:
        lines = self.text.split("\n")
        below = range(self.line, len(lines))
        end = next((number for number in below if HEADER.match(lines[number])), len(lines))
        sets = rf"{re.escape(key)}(?:\.\w+)?\s*="
        start = next((number for number in range(self.line, end) if key and re.match(sets, lines[number])),
                     self.line - 1)
        return next((number for number in range(start, end) if within and within in lines[number]), start) + 1

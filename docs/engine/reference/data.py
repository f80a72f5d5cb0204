"""Reads the data of the reference pages, kept once, in docs/data: TOML files of one table per entry.

The header of a table is the entry's id, so TOML itself refuses an id that is given twice. Every error names the line.
Without a folder docs/data a book has no reference pages, and its formulas are not looked up.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn, get_args, get_type_hints

import msgspec

from ..source.errors import BookError
from ..source.files import read_text
from ..source.snippets import nearest
from .page_symbols import PageSection
from .records import FILES, HEADER, Entry, Erratum, Note, Question, R, Record, Row, Term, Topic, Work
from .symbols import SymbolTable

AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
# What msgspec says: what is wrong with a field, and where it stands.
SAID = re.compile(r"(?:Object (?P<lack>missing required|contains unknown) field `(?P<field>.*?)`|"
                  r"Expected `(?P<expected>.*?)`|(?P<other>.*?))"
                  r"(?: matching regex .*?|, got .*?)?(?: - at `\$\.?(?P<place>.*?)`)?")
PLAIN = {"str": "a text", "int": "a number", "array": "a list", "object": "a table", "null": "nothing"}


@dataclass(frozen=True)
class Data:
    """What the files hold, by id."""

    notes: Mapping[str, Entry[Note]]
    topics: Mapping[str, Entry[Topic]]
    questions: Mapping[str, Entry[Question]]
    errata: Mapping[str, Entry[Erratum]]
    glossary: Mapping[str, Entry[Term]]
    bibliography: Mapping[str, Entry[Work]]
    symbols: Mapping[str, Entry[Row]]

    @property
    def entries(self) -> list[Entry]:
        return [entry for entries in vars(self).values() for entry in entries.values()]


@dataclass(frozen=True)
class Reference:
    """All data, and what the pages use of it. `pages`: the sections of every page, by language and page."""

    data: Data
    table: SymbolTable = field(compare=False)  # made of the data
    pages: Mapping[str, Mapping[str, Mapping[str, PageSection]]]
    order: Sequence[str] = ()  # pages in the order of the book
    uses: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by symbol: pages whose formulas hold it
    cited: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by work: pages that cite it

    def of(self, language: str) -> Reference:
        """What the pages of one language need of it."""
        return replace(self, pages={language: self.pages.get(language, {})})

    def title(self, language: str, page: str) -> str:
        """The first heading of a page."""
        return next((section.title for section in self.pages[language].get(page, {}).values()), page)

    def places(self, page: str) -> Iterator[tuple[str, Entry]]:
        """What the page teaches or settles: (file, entry)."""
        for name in ("topics", "questions", "errata"):
            for entry in getattr(self.data, name).values():
                if entry.values.place.partition("#")[0] == page:
                    yield name, entry


def read_data(root: Path) -> tuple[Data, SymbolTable] | None:
    """The files of docs/data; None where there is no such folder. BookError at the first fault of a file."""
    folder = root / "docs" / "data"
    if not folder.is_dir():
        return None
    for file in sorted(folder.iterdir()):
        if file.stem not in FILES or file.suffix != ".toml":
            raise BookError(f"no data file of the book. {nearest(file.stem, FILES)}", path=f"docs/data/{file.name}")
    found = {}
    for name, record in FILES.items():
        file = folder / f"{name}.toml"
        if not file.is_file():
            raise BookError("the data file is missing; the reference pages need it", path=f"docs/data/{file.name}")
        found[name] = read_entries(file, f"docs/data/{file.name}", record)
    data = Data(**found)
    return data, SymbolTable(data.symbols)


def read_entries(file: Path, path: str, record: type[R]) -> dict[str, Entry[R]]:
    """The entries of a file by id, in its order. BookError at the first fault."""
    text = read_text(file, path)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = AT_LINE.search(str(error))
        reason = AT_LINE.sub("", str(error)).strip()
        hint = "; each id is given once" if "twice" in reason or "overwrite" in reason else ""
        raise BookError(f"not TOML: {reason}{hint}. Text with a backslash stands in 'single quotes' or '''three'''",
                        path=path, line=int(found[1]) if found else None) from None
    lines = {match[1]: text.count("\n", 0, match.start(1)) + 1 for match in HEADER.finditer(text)}
    return {id_: _checked(Entry(id_, values, path, lines.get(id_, 1), text), record) for id_, values in tables.items()}


def _checked(entry: Entry[Any], record: type[R]) -> Entry[R]:
    if not isinstance(entry.values, dict) or not re.fullmatch(record.ids, entry.id):
        raise entry.error(f"is no entry: expected a table [id] whose id is made of {record.id_form}")
    try:
        return replace(entry, values=msgspec.convert(entry.values, record))
    except msgspec.ValidationError as error:
        _refuse(entry, record, str(error))


def _refuse(entry: Entry[Any], record: type[Record], said: str) -> NoReturn:
    """What msgspec says of an entry, as an error at its line that tells what was found and what to write."""
    match = SAID.fullmatch(said)
    assert match  # it ends with .*?
    place = (match["place"] or "").removesuffix("[...]")  # of some value in a table
    key, found = place.partition("[")[0], entry.values
    for step in re.findall(r"[^.\[\]]+", place):  # `answer.en` or `see[0]`
        found = found[int(step)] if isinstance(found, list) else found[step]
    if match["lack"] and not place:
        key = match["field"]
        if match["lack"].startswith("contains"):
            raise entry.error(f"has the unknown key {key!r}. {nearest(key, record.__struct_encode_fields__)}", key)
        required = [one.encode_name for one in msgspec.structs.fields(record) if one.required]
        raise entry.error(f"has no {key!r}; expected {', '.join(required)}")
    if match["lack"]:
        raise entry.error(f"{place}: found {', '.join(found)}, expected it in both languages, .zh and .en", key)
    allowed = _words(get_type_hints(record).get(key))
    if match["other"] and allowed:
        raise entry.error(f"{place}: found {found!r}. {nearest(str(found), allowed)}", key)
    expected = " or ".join(PLAIN.get(word, word) for word in (match["expected"] or said).split(" | "))
    raise entry.error(f"{place}: found {found!r}, expected {expected}", key)


def _words(hint: object) -> list[str]:
    """The words that a type allows, wherever they stand in it."""
    return [word for part in get_args(hint) for word in ([part] if isinstance(part, str) else _words(part))]

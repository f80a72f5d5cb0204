"""The data of the reference pages, kept once, in docs/data.

Without a folder docs/data a book has no reference pages, and its formulas are not looked up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..source.errors import BookError, nearest
from .entries import Entry, read_entries
from .records import FILES, Erratum, Note, Question, Row, Term, Topic, Work
from .sections import PageSection
from .symbols import SymbolTable


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
    """All data. `pages`: the sections of every page, by language and page."""

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
    for name, kind in FILES.items():
        path = f"docs/data/{name}.toml"
        if not (root / path).is_file():
            raise BookError("the data file is missing; the reference pages need it", path=path)
        found[name] = read_entries(root / path, path, kind)
    data = Data(**found)
    return data, SymbolTable(data.symbols)

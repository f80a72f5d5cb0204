"""The data of the reference pages, kept once, in docs/data.

Without a folder docs/data a book has no reference pages, and its formulas are not looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..source.errors import BookError
from ..source.snippets import nearest
from .entries import Entry, read_entries
from .schema import Schema, both, choice, choices, either, integer, mapping, some, text, texts
from .sections import PageSection
from .symbols import SCHEMA as SYMBOLS
from .symbols import SymbolTable

NOTES = ("S0", "S1", "S2", "S3", "S4")
SCHEMAS: Mapping[str, Schema] = {
    "notes": Schema({"title": both(), "covers": both(), "original": text},
                    {"author": text, "date": text, "address": text}, ids=re.compile(r"S\d"),
                    id_form="S and a digit"),
    "topics": Schema({"zh": text, "en": text, "place": text}, ids=re.compile(r"S\d-\d\d"),
                     id_form="S0-01 and the like"),
    "questions": Schema({"note": choices(NOTES), "question": both(), "answer": both(), "place": text},
                        {"symbols": mapping, "see": texts}, re.compile(r"Q\d\d"), "Q and two digits"),
    "errata": Schema({"note": choices(NOTES), "claim": both(), "correction": both(), "place": text},
                     {"symbols": mapping, "see": texts, "kind": choice(("clarification",))}, re.compile(r"E\d\d"),
                     "E and two digits"),
    "glossary": Schema({"zh": text, "en": text, "define": both(), "place": text},
                       {"rejected": some(), "forms": some(), "searched": some(), "symbols": mapping,
                        "sorted_as": some(text)}),
    "bibliography": Schema({"authors": either(texts, both(texts)), "title": text, "year": integer},
                           {"in": text, "doi": text, "arxiv": text, "isbn": text, "url": text, "remark": both(),
                            "short": either(text, both())}, ids=re.compile(r"[a-z][a-z0-9-]*\d{4}[a-z]?"),
                           id_form="a surname and a year"),
    "symbols": SYMBOLS,
}


@dataclass(frozen=True)
class Reference:
    """All data, by file and id. `pages`: the sections of every page, by language and page."""

    data: Mapping[str, Mapping[str, Entry]]
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
            for entry in self.data[name].values():
                if str(entry.get("place", "")).partition("#")[0] == page:
                    yield name, entry


def read_data(root: Path) -> tuple[dict[str, dict[str, Entry]], SymbolTable] | None:
    """The files of docs/data; None where there is no such folder. BookError at the first fault of a file."""
    folder = root / "docs" / "data"
    if not folder.is_dir():
        return None
    for file in sorted(folder.iterdir()):
        if file.stem not in SCHEMAS or file.suffix != ".toml":
            raise BookError(f"no data file of the book. {nearest(file.stem, SCHEMAS)}", path=f"docs/data/{file.name}")
    data = {}
    for name, schema in SCHEMAS.items():
        path = f"docs/data/{name}.toml"
        if not (root / path).is_file():
            raise BookError("the data file is missing; the reference pages need it", path=path)
        data[name] = read_entries(root / path, path, schema)
    return data, SymbolTable(data["symbols"])

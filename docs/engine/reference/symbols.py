"""The symbol table: which row an identifier of a formula belongs to, on which page and in which section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..formulas.identifiers import Identifier, identifiers, known_identifiers
from ..formulas.latex import FormulaError
from ..source.errors import BookError
from .records import Entry, Row

FILE = "docs/data/symbols.toml"
ROWS = range(1, 25)  # of the notes' own table


@dataclass(frozen=True, eq=False)  # rows are told apart by being themselves
class Symbol:
    """A row of the table and the identifiers that it owns."""

    id: str
    entry: Entry[Row]
    owns: tuple[Identifier, ...]

    def name(self, language: str) -> str:
        return self.entry.values[language]

    @property
    def shape(self) -> str:
        """The shape, where it says more than the kind does."""
        shape = self.entry.values.shape
        return "" if shape == "$()$" else shape


class SymbolError(Exception):
    """An identifier that no row owns, or several do; the message says which rows come close."""


class SymbolTable:
    def __init__(self, entries: Mapping[str, Entry[Row]]) -> None:
        self.rows = {id_: Symbol(id_, entry, _owned(entry)) for id_, entry in entries.items()}
        self.owners: dict[Identifier, list[Symbol]] = {}
        for row in self.rows.values():
            for identifier in row.owns:
                self.owners.setdefault(identifier, []).append(row)
        _check_numbers(entries)

    def find(self, identifier: Identifier, page: str, choice: Mapping[Identifier, str]) -> Symbol | None:
        """The row of an identifier on a page; None for a sign that the table does not have. SymbolError otherwise."""
        if identifier in choice:
            return self.rows[choice[identifier]]
        owners = [row for row in self.owners.get(identifier, []) if row.entry.values.chapter in (None, page)]
        if len(owners) == 1:
            return owners[0]
        if owners:
            raise SymbolError(f"{identifier.text} may mean {_listed(owners)}; choose one in the page's front matter, "
                              f"such as symbols: {{{_latex_key(owners[0], identifier)}: {owners[0].id}}}")
        if identifier.is_name:
            raise self._stranger(identifier)
        return None

    def check_own(self, latex: str) -> None:
        """SymbolError for a formula of the table itself unless some row owns each of its letters."""
        for identifier in identifiers(latex):
            if identifier.is_name and identifier not in self.owners:
                raise self._stranger(identifier)

    def _stranger(self, identifier: Identifier) -> SymbolError:
        same = [row for owned, rows in self.owners.items() if owned.base == identifier.base for row in rows]
        near = list(dict.fromkeys(same))[:6]
        close = f"rows that come close: {_listed(near)}" if near else "no row has a similar letter"
        return SymbolError(f"no row of {FILE} owns {identifier.text}{' (upright)' * identifier.upright}; {close}. "
                           "Add a row, or use a letter of the table")


def identifiers_in(entry: Entry, key: str, latex: str) -> tuple[Identifier, ...]:
    """The identifiers of a formula in the data; BookError if it cannot be set."""
    try:
        return identifiers(latex)
    except FormulaError as error:
        hint = f"; {error.hint}" if error.hint else ""
        raise entry.error(f"{key}: {latex!r} cannot be set: {error.reason}{hint}", key, latex) from None


def _owned(entry: Entry[Row]) -> tuple[Identifier, ...]:
    """What `letters` names; without it the row's own letter. A row that combines letters of others owns none."""
    row = entry.values
    for source in ("lee", "ng", "cs224w"):
        identifiers_in(entry, source, getattr(row, source) or "x")
    shown = identifiers_in(entry, "latex", row.latex)
    if row.letters is None:
        return shown if len(shown) == 1 else ()
    owned = [identifiers_in(entry, "letters", letter) for letter in row.letters]
    for letter, found in zip(row.letters, owned, strict=True):
        if len(found) != 1:
            raise entry.error(f"letters: {letter!r} is not one identifier", "letters")
    return tuple(found[0] for found in owned)


def _check_numbers(entries: Mapping[str, Entry[Row]]) -> None:
    """The rows of the notes' own table: each once, none missing."""
    numbered: dict[int, Entry[Row]] = {}
    for entry in entries.values():
        number = entry.values.row
        if number is None:
            continue
        if number not in ROWS or number in numbered:
            earlier = f", which [{numbered[number].id}] has" if number in numbered else ""
            raise entry.error(f"row: found {number}{earlier}; expected each of {ROWS[0]} to {ROWS[-1]} once", "row")
        numbered[number] = entry
    if missing := [number for number in ROWS if number not in numbered]:
        raise BookError(f"the notes' own table has no row {', '.join(map(str, missing))}; expected row = {missing[0]}",
                        path=FILE)


def _listed(rows: Sequence[Symbol]) -> str:
    return ", ".join(f"{row.id} ({row.entry.values.latex}, {row.name('zh')}, {row.name('en')})" for row in rows)


def _latex_key(row: Symbol, identifier: Identifier) -> str:
    letters = row.entry.values.letters or [row.entry.values.latex]
    return next((letter for letter in letters if identifier in known_identifiers(letter)), identifier.text)

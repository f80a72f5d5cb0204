"""Looks up every identifier of every formula of a page in the symbol table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..formulas.identifiers import Identifier, known_identifiers
from ..source.errors import BookError
from ..source.labels import LABEL
from ..source.scan import Formula, scan
from .sections import PageSection, trail
from .symbol_choices import Choices
from .symbols import SymbolError, SymbolTable

Uses = tuple[tuple[Identifier, str], ...]  # identifiers of a formula, with their row ids


@dataclass
class PageSymbols:
    """What the formulas of a page use."""

    shown: dict[str, list[Uses]] = field(default_factory=dict)  # by display formula, one for each copy of it
    used: set[str] = field(default_factory=set)  # row ids
    errors: list[BookError] = field(default_factory=list)

    def of_formula(self, latex: str, copy: int) -> Uses:
        """The identifiers of the copy-th display formula of this LaTeX (as `normal` writes it), by their first use."""
        found = self.shown.get(latex, [])
        return found[min(copy, len(found) - 1)] if found else ()


def normal(latex: str) -> str:
    """LaTeX as a key: without its label, which Markdown has taken off already, and with single spaces."""
    return " ".join(LABEL.sub("", latex).split())


def page_symbols(source: str, page: str, path: str, table: SymbolTable, choices: Choices,
                 sections: Mapping[str, PageSection]) -> PageSymbols:
    """Every formula of a page's source looked up; one error for each formula that holds what the table does not."""
    found, order = PageSymbols(), list(sections.values())
    for formula in scan(source).formulas:
        latex = LABEL.sub("", formula.latex) if formula.display else formula.latex
        choice = choices.at(trail(order, formula.line))
        try:
            uses = tuple(_uses(latex.strip(), page, table, choice))
        except SymbolError as error:
            found.errors.append(BookError(f"the formula {_quoted(formula)}: {error}", path=path, line=formula.line))
            uses = ()
        found.used.update(row for _, row in uses)
        if formula.display:
            found.shown.setdefault(normal(formula.latex), []).append(uses)
    return found


def _uses(latex: str, page: str, table: SymbolTable,
          choice: Mapping[Identifier, str]) -> Iterator[tuple[Identifier, str]]:
    for identifier in known_identifiers(latex):
        if row := table.find(identifier, page, choice):
            yield identifier, row.id


def check_formula(latex: str, page: str, table: SymbolTable, choices: Sequence[Mapping[Identifier, str]]) -> str | None:
    """What is wrong with the symbols of a formula in the data files; later choices go before earlier ones."""
    choice = {identifier: row for given in choices for identifier, row in given.items()}
    try:
        list(_uses(latex, page, table, choice))
    except SymbolError as error:
        return str(error)
    return None


def _quoted(formula: Formula) -> str:
    text, mark = normal(formula.latex), "$$" if formula.display else "$"
    return f"{mark}{text if len(text) <= 80 else text[:80] + '…'}{mark}"

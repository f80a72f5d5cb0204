"""Looks up every identifier of every formula of a page in the symbol table. Where several rows own a letter, the page
chooses one in its front matter, under `symbols:`, for all of it or for a section. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..formulas.identifiers import Identifier, identifiers, known_identifiers
from ..formulas.latex import FormulaError
from ..source.errors import BookError
from ..source.labels import LABEL
from ..source.page import Page
from ..source.scan import Formula, scan
from ..source.snippets import nearest
from .symbols import FILE, SymbolError, SymbolTable

Uses = tuple[tuple[Identifier, str], ...]  # identifiers of a formula, with their row ids
Choices = Mapping[str, Mapping[Identifier, str]]  # by section, "" for the whole page: the row that a letter means


@dataclass(frozen=True)
class PageSection:
    """A heading with an id, and all below it up to the next heading that is not deeper."""

    id: str
    title: str
    level: int
    line: int = field(compare=False)
    end: float = field(compare=False)  # the line of that next heading
    runs: bool  # a running block stands in it


def page_sections(text: str, page: Page | None) -> dict[str, PageSection]:
    """The sections of a page by id, in order; `page` is None where the page cannot be read."""
    found, sections = scan(text).headings, {}
    blocks = [block.line for block in page.blocks] if page else []
    for index, heading in enumerate(found):
        end = next((later.line for later in found[index + 1 :] if later.level <= heading.level), float("inf"))
        if heading.id:
            sections[heading.id] = PageSection(heading.id, heading.text, heading.level, heading.line, end,
                                               any(heading.line < line < end for line in blocks))
    return sections


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
    found = PageSymbols()
    for formula in scan(source).formulas:
        latex = LABEL.sub("", formula.latex) if formula.display else formula.latex
        around = [section.id for section in sections.values() if section.line <= formula.line < section.end]
        try:
            uses = tuple(uses_of(latex.strip(), page, table, choice_in(around, choices)))
        except SymbolError as error:
            found.errors.append(BookError(f"the formula {_quoted(formula)}: {error}", path=path, line=formula.line))
            uses = ()
        found.used.update(row for _, row in uses)
        if formula.display:
            found.shown.setdefault(normal(formula.latex), []).append(uses)
    return found


def uses_of(latex: str, page: str, table: SymbolTable,
            choice: Mapping[Identifier, str]) -> Iterator[tuple[Identifier, str]]:
    """The identifiers of a formula that the table knows; SymbolError for one that it must know and does not."""
    for identifier in known_identifiers(latex):
        if row := table.find(identifier, page, choice):
            yield identifier, row.id


def _quoted(formula: Formula) -> str:
    text, mark = normal(formula.latex), "$$" if formula.display else "$"
    return f"{mark}{text if len(text) <= 80 else text[:80] + '…'}{mark}"


def choice_in(sections: Iterable[str], choices: Choices) -> dict[Identifier, str]:
    """What holds where these sections of the page, from the outermost, lie around."""
    return {letter: row for section in ("", *sections) for letter, row in choices.get(section, {}).items()}


def read_choices(given: object, table: SymbolTable, path: str, lines: Sequence[str] = (),
                 sections: Iterable[str] = ()) -> Choices:
    """The choices of a page's front matter, `symbols:`; BookError for a letter or a row that is not there."""
    sections = list(sections)

    def error(message: str, key: str) -> BookError:
        line = next((n for n, line in enumerate(lines, 1) if line.strip().startswith(f"{key}:")), 1)
        return BookError(f"symbols: {message}", path=path, line=line)

    def chosen(latex: str, row: str) -> tuple[Identifier, str]:
        try:
            found = identifiers(latex)
        except FormulaError as fault:
            raise error(f"{latex!r} is not LaTeX: {fault.reason}", latex) from None
        if len(found) != 1:
            raise error(f"{latex!r} is not one identifier; expected a letter in LaTeX, such as \\hat{{y}}", latex)
        if row not in table.rows:
            raise error(f"no row {row!r} in {FILE}. {nearest(row, table.rows)}", latex)
        if found[0] not in table.rows[row].owns:
            owners = ", ".join(owner.id for owner in table.owners.get(found[0], []))
            raise error(f"the row {row!r} does not own {latex}; rows that do: {owners or 'none'}", latex)
        return found[0], row

    if given is None:
        return {}
    if not isinstance(given, dict):
        raise error(f"found {given!r}, expected lines 'letter: row'", "symbols")
    choices: dict[str, dict[Identifier, str]] = {}
    for key, value in given.items():
        if isinstance(value, dict) and key not in sections:
            raise error(f"the page has no section {key!r}. {nearest(str(key), sections)}", str(key))
        section, inside = (key, value) if isinstance(value, dict) else ("", {key: value})
        choices.setdefault(section, {}).update(chosen(str(latex), str(row)) for latex, row in inside.items())
    return choices

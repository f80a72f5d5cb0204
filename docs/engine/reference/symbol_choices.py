"""Which row a letter means where several own it: a page says so in its front matter, under `symbols:`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..formulas.identifiers import Identifier, identifiers
from ..formulas.latex import FormulaError
from ..source.errors import BookError, nearest
from .symbols import FILE, SymbolTable


@dataclass(frozen=True)
class Choices:
    """Which row a letter means, where several own it: on a page, and in some of its sections."""

    page: Mapping[Identifier, str] = field(default_factory=dict)
    sections: Mapping[str, Mapping[Identifier, str]] = field(default_factory=dict)

    def at(self, trail: Iterable[str]) -> dict[Identifier, str]:
        """What holds in a section; `trail` names the sections around it from the outermost."""
        found = dict(self.page)
        for section in trail:
            found |= self.sections.get(section, {})
        return found


def read_choices(given: object, table: SymbolTable, path: str, lines: Sequence[str],
                 sections: Iterable[str]) -> Choices:
    """The choices of a page's front matter, `symbols:`; BookError for a letter or a row that is not there."""
    page: dict[Identifier, str] = {}
    inside: dict[str, dict[Identifier, str]] = {}
    sections = list(sections)

    def error(message: str, key: str) -> BookError:
        line = next((n for n, line in enumerate(lines, 1) if line.strip().startswith(f"{key}:")), 1)
        return BookError(message, path=path, line=line)

    if not isinstance(given, dict):
        raise error(f"symbols: found {given!r}, expected lines 'letter: row'", "symbols")
    for key, value in given.items():
        if isinstance(value, dict):
            if key not in sections:
                raise error(f"symbols: the page has no section {key!r}. {nearest(str(key), sections)}", str(key))
            inside[key] = dict(_chosen(str(k), str(v), table, error) for k, v in value.items())
        else:
            identifier, row = _chosen(str(key), str(value), table, error)
            page[identifier] = row
    return Choices(page, inside)


def _chosen(latex: str, row: str, table: SymbolTable, error) -> tuple[Identifier, str]:
    try:
        found = identifiers(latex)
    except FormulaError as fault:
        raise error(f"symbols: {latex!r} is not LaTeX: {fault.reason}", latex) from None
    if len(found) != 1:
        raise error(f"symbols: {latex!r} is not one identifier; expected a letter in LaTeX, such as \\hat{{y}}",
                    latex)
    if row not in table.rows:
        raise error(f"symbols: no row {row!r} in {FILE}. {nearest(row, table.rows)}", latex)
    if found[0] not in table.rows[row].owns:
        owners = [owner.id for owner in table.owners.get(found[0], [])]
        raise error(f"symbols: the row {row!r} does not own {latex}; rows that do: {', '.join(owners) or 'none'}",
                    latex)
    return found[0], row

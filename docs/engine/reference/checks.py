"""Faults of the reference data against the pages of the book: places, links, letters of formulas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import to_builtins

from ..formulas.identifiers import Identifier, identifiers
from ..formulas.latex import FormulaError
from ..source.errors import BookError, nearest
from ..source.inline import LINK, inline
from .data import Reference
from .entries import Entry
from .page_symbols import check_formula
from .symbol_choices import Choices, read_choices
from .symbols import FILE as SYMBOLS
from .symbols import SymbolTable


def check_data(reference: Reference, choices: Mapping[str, Choices]) -> list[BookError]:
    """Faults of the data against the pages: places, links, formulas. `choices` are the pages' own, by page."""
    errors = []
    for entry in reference.data.entries:
        errors += _place_faults(entry, reference)
        errors += _see_faults(entry, reference)
        own, fault = _own_choice(entry, reference.table)
        errors += [fault] if fault else []
        page, _, section = getattr(entry.values, "place", "").partition("#")
        around = choices.get(page, Choices()).at([section])
        for key, value in texts_of(entry):
            errors += _link_faults(entry, key, value, reference)
            errors += _formula_faults(entry, key, value, reference.table, page, [around, own])
    return errors


def _place_faults(entry: Entry, reference: Reference) -> Iterator[BookError]:
    if (place := getattr(entry.values, "place", None)) is None:
        return
    page, _, anchor = place.partition("#")
    for language, pages in reference.pages.items():
        if page not in pages:
            yield entry.error(f"place: no page docs/{language}/{page}.md. {nearest(page, pages)}", "place")
        elif anchor not in pages[page]:
            yield entry.error(f"place: docs/{language}/{page}.md has no section {anchor!r}. "
                              f"{nearest(anchor, pages[page])}", "place")
        elif not pages[page][anchor].runs:
            yield entry.error(f"place: no block runs in the section {{#{anchor}}} of docs/{language}/{page}.md, so "
                              "nothing there settles it; name a section with code", "place")


def _see_faults(entry: Entry, reference: Reference) -> Iterator[BookError]:
    known = [*reference.data.questions, *reference.data.errata]
    for other in getattr(entry.values, "see", ()):
        if other not in known:
            yield entry.error(f"see: no question or correction {other!r}. {nearest(other, known)}", "see")


def _own_choice(entry: Entry, table: SymbolTable) -> tuple[dict[Identifier, str], BookError | None]:
    if (given := getattr(entry.values, "symbols", None)) is None:
        return {}, None
    try:
        return dict(read_choices(given, table, entry.path, (), ()).page), None
    except BookError as error:
        return {}, entry.error(error.message, "symbols")


def texts_of(entry: Entry) -> Iterator[tuple[str, str]]:
    """The prose of an entry: (key, text)."""
    for key, value in to_builtins(entry.values).items():
        if key in ("zh", "en", "in", "title") and isinstance(value, str):
            yield key, value
        elif isinstance(value, dict) and key != "symbols":
            for language, part in value.items():
                for item in part if isinstance(part, list) else [part]:
                    yield f"{key}.{language}", item


def _link_faults(entry: Entry, key: str, value: str, reference: Reference) -> Iterator[BookError]:
    for link in LINK.finditer(value):
        page, _, anchor = link["target"].partition("#")
        if "://" in page:
            continue
        for language, pages in reference.pages.items():
            name = page.removesuffix(".md")
            if name not in pages:
                yield entry.error(f"{key}: no page docs/{language}/{page}. {nearest(name, pages)}", key, link["target"])
            elif anchor and anchor not in pages[name]:
                yield entry.error(f"{key}: docs/{language}/{page} has no section {anchor!r}. "
                                  f"{nearest(anchor, pages[name])}", key, link["target"])


def _formula_faults(entry: Entry, key: str, value: str, table: SymbolTable, page: str,
                    choices: Sequence[Mapping[Identifier, str]]) -> Iterator[BookError]:
    for latex in (formula.said for formula in inline(value).formulas):
        try:
            identifiers(latex)
        except FormulaError as error:
            hint = f"; {error.hint}" if error.hint else ""
            yield entry.error(f"{key}: the formula ${latex}$ cannot be set: {error.reason}{hint}", key, latex)
        own_table = entry.path == SYMBOLS
        if fault := table.unknown(latex) if own_table else check_formula(latex, page, table, choices):
            yield entry.error(f"{key}: the formula ${latex}$: {fault}", key, latex)

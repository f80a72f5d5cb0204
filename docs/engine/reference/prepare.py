"""What the reference pages need to know of the whole book, before any page is rendered; and the faults of their data
against the pages: places, links, letters of formulas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec import to_builtins

from ..formulas.identifiers import Identifier
from ..source.errors import BookError
from ..source.files import Source
from ..source.inline import LINK, inline
from ..source.page import Page
from ..source.snippets import nearest
from .data import Reference, read_data
from .page_symbols import Choices, PageSymbols, choice_in, page_sections, page_symbols, read_choices, uses_of
from .records import Entry
from .symbols import FILE as SYMBOLS
from .symbols import SymbolError, identifiers_in
from .works import citations_of, unknown_work


@dataclass
class PreparedReference:
    reference: Reference | None = None
    symbols: dict[str, PageSymbols] = field(default_factory=dict)  # by page path
    errors: list[BookError] = field(default_factory=list)


def prepare_reference(root: Path, sources: Mapping[str, Sequence[Source]], pages: Mapping[str, Page],
                      metas: Mapping[str, dict], chapters: Sequence[str]) -> PreparedReference:
    """Reads the data, looks up every formula of every page, checks the data against the pages."""
    try:
        if (found := read_data(root)) is None:
            return PreparedReference()
    except BookError as error:
        return PreparedReference(errors=[error])
    data, table = found
    every = [source for group in sources.values() for source in group]
    sections = {language: {source.page: page_sections(source.text, pages.get(source.path)) for source in group}
                for language, group in sources.items()}
    order = [*chapters, *sorted({source.page for source in every} - set(chapters))]
    prepared = PreparedReference()
    choices: dict[str, Choices] = {}
    uses: list[tuple[str, str]] = []  # symbol and page, as works below
    cited: list[tuple[str, str]] = []
    for source in every:
        own = sections[source.language][source.page]
        citations = list(citations_of(source.text))
        cited += [(work, source.page) for work, _ in citations]
        prepared.errors += [unknown_work(work, source.path, line, data.bibliography) for work, line in citations
                            if work not in data.bibliography]
        try:
            given = metas.get(source.path, {}).get("symbols")
            choices[source.page] = read_choices(given, table, source.path, source.text.split("\n"), own)
        except BookError as error:
            prepared.errors.append(error)
            continue
        looked_up = page_symbols(source.text, source.page, source.path, table, choices[source.page], own)
        prepared.symbols[source.path] = looked_up
        prepared.errors += looked_up.errors
        uses += [(row, source.page) for row in looked_up.used]
    prepared.reference = Reference(data, table, sections, order, _pages_by(uses, order), _pages_by(cited, order))
    prepared.errors += check_data(prepared.reference, choices)
    return prepared


def _pages_by(found: Iterable[tuple[str, str]], order: Sequence[str]) -> dict[str, list[str]]:
    """By symbol or work its pages, in the order of the book."""
    pages: dict[str, set[str]] = {}
    for key, page in found:
        pages.setdefault(key, set()).add(page)
    return {key: sorted(one, key=order.index) for key, one in pages.items()}


def check_data(reference: Reference, choices: Mapping[str, Choices]) -> Iterator[BookError]:
    """Faults of the data against the pages. `choices` are the pages' own, by page."""
    settled = [*reference.data.questions, *reference.data.errata]
    for entry in reference.data.entries:
        place = getattr(entry.values, "place", "")
        page, _, section = place.partition("#")
        if place:
            yield from _target_faults(entry, "place", f"{page}.md#{section}", reference)
        for other in getattr(entry.values, "see", ()):
            if other not in settled:
                yield entry.error(f"see: no question or correction {other!r}. {nearest(other, settled)}", "see")
        choice = choice_in([section], choices.get(page, {}))
        try:
            own = read_choices(getattr(entry.values, "symbols", None), reference.table, entry.path)
            choice |= choice_in((), own)
        except BookError as error:
            yield entry.error(error.message, "symbols")
        for key, value in texts_of(entry):
            for link in LINK.finditer(value):
                if "://" not in link["target"]:
                    yield from _target_faults(entry, key, link["target"], reference)
            for formula in inline(value).formulas:
                yield from _formula_faults(entry, key, formula.said, page, choice, reference)


def _target_faults(entry: Entry, key: str, target: str, reference: Reference) -> Iterator[BookError]:
    """Where a page's file or its section, as in `loss.md#first`, is not there, or no place to settle something."""
    file, sign, anchor = target.partition("#")
    page, within = file.removesuffix(".md"), "" if key == "place" else target
    for language, pages in reference.pages.items():
        if page not in pages:
            yield entry.error(f"{key}: no page docs/{language}/{file}. {nearest(page, pages)}", key, within)
        elif sign and anchor not in pages[page]:
            yield entry.error(f"{key}: docs/{language}/{file} has no section {anchor!r}. "
                              f"{nearest(anchor, pages[page])}", key, within)
        elif key == "place" and not pages[page][anchor].runs:
            yield entry.error(f"place: no block runs in the section {{#{anchor}}} of docs/{language}/{file}, so "
                              "nothing there settles it; name a section with code", "place")


def texts_of(entry: Entry) -> Iterator[tuple[str, str]]:
    """The prose of an entry: (key, text)."""
    for key, value in to_builtins(entry.values).items():
        if key in ("zh", "en", "in", "title") and isinstance(value, str):
            yield key, value
        elif isinstance(value, dict) and key != "symbols":
            for language, part in value.items():
                for item in part if isinstance(part, list) else [part]:
                    yield f"{key}.{language}", item


def _formula_faults(entry: Entry, key: str, latex: str, page: str, choice: Mapping[Identifier, str],
                    reference: Reference) -> Iterator[BookError]:
    try:
        identifiers_in(entry, key, latex)
        if entry.path == SYMBOLS:
            reference.table.check_own(latex)
        else:
            list(uses_of(latex, page, reference.table, choice))
    except BookError as error:
        yield error
    except SymbolError as error:
        yield entry.error(f"{key}: the formula ${latex}$: {error}", key, latex)

"""What the reference pages need to know of the whole book, before any page is rendered."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..source.errors import BookError
from ..source.files import Source
from ..source.page import Page
from .checks import check_data
from .data import Reference, read_data
from .page_symbols import PageSymbols, page_symbols
from .sections import page_sections
from .symbol_choices import Choices, read_choices
from .symbols import SymbolTable
from .works import citations_of, unknown_works


@dataclass
class PreparedReference:
    reference: Reference | None = None
    symbols: dict[str, PageSymbols] = field(default_factory=dict)  # by page path
    errors: list[BookError] = field(default_factory=list)


def prepare_reference(root: Path, sources: Mapping[str, Sequence[Source]], pages: Mapping[str, Page],
                      metas: Mapping[str, dict], chapters: Sequence[str]) -> PreparedReference:
    """Reads the data, looks up every formula of every page, checks the data against the pages."""
    prepared = PreparedReference()
    try:
        if (found := read_data(root)) is None:
            return prepared
    except BookError as error:
        prepared.errors.append(error)
        return prepared
    data, table = found
    sections = {language: {source.page: page_sections(source.text, pages.get(source.path)) for source in group}
                for language, group in sources.items()}
    order = [*chapters, *sorted({source.page for group in sources.values() for source in group} - set(chapters))]
    reference = Reference(data, table, sections, order)
    choices: dict[str, Choices] = {}
    for language, group in sources.items():
        for source in group:
            try:
                choices[source.page] = _choices(source, metas, table, sections[language][source.page])
            except BookError as error:
                prepared.errors.append(error)
                continue
            looked_up = page_symbols(source.text, source.page, source.path, table, choices[source.page],
                                     sections[language][source.page])
            prepared.symbols[source.path] = looked_up
            prepared.errors += looked_up.errors + unknown_works(source.text, source.path, data.bibliography)
    prepared.errors += check_data(reference, choices)
    prepared.reference = dataclasses.replace(reference, uses=_uses(sources, prepared.symbols, order),
                                             cited=_cited(sources, order))
    return prepared


def _choices(source: Source, metas: Mapping[str, dict], table: SymbolTable, sections: Mapping) -> Choices:
    given = metas.get(source.path, {}).get("symbols")
    return Choices() if given is None else read_choices(given, table, source.path, source.text.split("\n"), sections)


def _uses(sources: Mapping[str, Sequence[Source]], symbols: Mapping[str, PageSymbols],
          order: Sequence[str]) -> dict[str, list[str]]:
    """By symbol the pages whose formulas hold it, in the order of the book."""
    uses: dict[str, set[str]] = {}
    for group in sources.values():
        for source in group:
            for row in symbols[source.path].used if source.path in symbols else ():
                uses.setdefault(row, set()).add(source.page)
    return {row: sorted(pages, key=order.index) for row, pages in uses.items()}


def _cited(sources: Mapping[str, Sequence[Source]], order: Sequence[str]) -> dict[str, list[str]]:
    cited: dict[str, set[str]] = {}
    for group in sources.values():
        for source in group:
            for key, _ in citations_of(source.text):
                cited.setdefault(key, set()).add(source.page)
    return {key: sorted(pages, key=order.index) for key, pages in cited.items()}

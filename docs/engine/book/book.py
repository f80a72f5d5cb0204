"""The book on disk: where its parts are, its pages in both languages, their results. Knows no MkDocs."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..markdown.render import check_figures
from ..reference.data import Reference
from ..reference.page_symbols import PageSymbols
from ..reference.prepare import prepare_reference
from ..run import versions
from ..run.answers import question_faults
from ..run.cache import Cache, make_folder, prune, switched_off
from ..run.pool import Pool
from ..run.results import NOBODY, Result, Setting, Watch, failure_of, results_for
from ..source.errors import BookError, nearest
from ..source.files import Source, read_text
from ..source.front_matter import check_front_matter
from ..source.labels import Label, collect_labels
from ..source.page import Page, read_page

DEFAULT_PACKAGES = ("numpy", "matplotlib")


@dataclass(frozen=True)
class Book:
    root: Path

    @property
    def snippets(self) -> Path:
        return self.root / "snippets"

    @property
    def cache(self) -> Path:
        """What builds keep for later builds; all of it can be deleted at any time."""
        return self.root / ".cache"

    @functools.cached_property
    def declared(self) -> tuple[str, ...]:
        """The packages that chapters may import: `[tool.book] packages` of pyproject.toml."""
        file = self.root / "pyproject.toml"
        try:
            settings = tomllib.loads(read_text(file, file.name)) if file.is_file() else {}
        except tomllib.TOMLDecodeError as error:
            raise BookError(f"not TOML: {error}", path=file.name) from None
        return tuple(settings.get("tool", {}).get("book", {}).get("packages", DEFAULT_PACKAGES))

    @functools.cached_property
    def packages(self) -> dict[str, str]:
        """Versions of the declared packages and of what those need."""
        return versions.closure(self.declared)

    @property
    def style(self) -> Path | None:
        """The matplotlib style file of the figures, if there is one."""
        file = self.root / "docs" / "assets" / "figures.mplstyle"
        return file if file.is_file() else None

    def setting(self) -> Setting:
        return Setting(self.style, self.packages)

    def kept(self, what: str) -> Cache:
        """What builds keep of one kind, by content; nothing where the reader has switched it off."""
        return Cache(self.cache / what, not switched_off())

    def sources(self, language: str, errors: list[BookError] | None = None) -> list[Source]:
        """The pages of a language, in the order of their names. With `errors`, what cannot be read is added there."""
        folder = self.root / "docs" / language
        found = []
        for file in sorted(folder.rglob("*.md")):
            path = file.relative_to(self.root).as_posix()
            try:
                found.append(Source(path, file.relative_to(folder).with_suffix("").as_posix(), language,
                                    read_text(file, path)))
            except BookError as error:
                if errors is None:
                    raise
                errors.append(error)
        return found


@dataclass
class Prepared:
    """All that the languages' sites need to know before they are built."""

    results: dict[str, Result] = field(default_factory=dict)  # by page path
    labels: dict[str, dict[str, Label]] = field(default_factory=dict)  # by language
    sources: dict[str, Source] = field(default_factory=dict)  # by page path, as what follows
    pages: dict[str, Page] = field(default_factory=dict)
    reference: Reference | None = None
    symbols: dict[str, PageSymbols] = field(default_factory=dict)  # by page path
    errors: list[BookError] = field(default_factory=list)


def prepare(book: Book, languages: Sequence[str], chapters: Sequence[str], cache: Cache, pool: Pool,
            watch: Watch = NOBODY) -> Prepared:
    """Reads every page and runs what has to run. Collects errors, so that all are shown at once."""
    prepared = read_book(book, languages, chapters)
    prepared.results = results_for(prepared.pages.values(), book.setting(), cache, pool, watch)
    for path, result in prepared.results.items():
        if (failure := failure_of(prepared.pages[path], result)) and failure.line is not None:
            prepared.errors.append(failure)  # without a line it is the twin's, and said there
        prepared.errors += undescribed(prepared.pages[path], result)
        prepared.errors += question_faults(prepared.pages[path], result)
    return prepared


def read_book(book: Book, languages: Sequence[str], chapters: Sequence[str]) -> Prepared:
    """Every page read, and what is wrong with the pages as far as no code needs to run."""
    prepared = Prepared()
    sources = {language: book.sources(language, prepared.errors) for language in languages}
    prepared.errors += missing_twins(sources, unreadable=[error.path for error in prepared.errors])
    metas: dict[str, dict] = {}
    numbers = {chapter: number for number, chapter in enumerate(chapters, 1)}
    for language, found in sources.items():
        for source in found:
            prepared.sources[source.path] = source
            try:
                metas[source.path] = check_front_matter(source.text, source.path)
                prepared.pages[source.path] = read_page(source.text, book.snippets, source.path)
            except BookError as error:
                prepared.errors.append(error)
        order = sorted(found, key=lambda source: numbers.get(source.page, len(numbers) + 1))
        try:
            prepared.labels[language] = collect_labels(
                [(source.page, numbers.get(source.page), source.path, source.text) for source in order])
        except BookError as error:
            prepared.labels[language] = {}
            prepared.errors.append(error)
    about = prepare_reference(book.root, sources, prepared.pages, metas, chapters)
    prepared.reference, prepared.symbols = about.reference, about.symbols
    prepared.errors += about.errors
    return prepared


def undescribed(page: Page, result: Result) -> Iterator[BookError]:
    """An error for each block whose alt texts are more or fewer than its figures."""
    for number, (block, output) in enumerate(zip(page.blocks, result.blocks, strict=False), 1):
        try:
            check_figures(block, number, output.figures, page.path)
        except BookError as error:
            yield error


def missing_twins(sources: Mapping[str, Sequence[Source]], unreadable: Collection[str | None] = ()) -> list[BookError]:
    """An error for each page that another language does not have; `unreadable` are files that are there but no text."""
    errors = []
    for found in sources.values():
        for other in sources:
            known = {source.page for source in sources[other]}
            for source in found:
                expected = f"docs/{other}/{source.page}.md"
                if source.page not in known and expected not in unreadable:
                    errors.append(BookError(f"no twin: expected {expected}. {nearest(source.page, known)} "
                                            "Write the page in both languages", path=source.path))
    return errors


def statistics(book: Book, prepared: Prepared, seconds: float) -> dict:
    """What `site/build.json` says. Twins share a run, so a chapter's blocks count once."""
    chapters: dict[str, dict] = {}
    for path, result in sorted(prepared.results.items()):
        if prepared.pages[path].blocks:
            count = len(result.blocks)
            cached = count if result.cached else 0
            chapters[prepared.sources[path].page] = {"blocks": count, "executed": count - cached, "cached": cached,
                                                     "seconds": result.seconds}
    total = {key: sum(chapter[key] for chapter in chapters.values()) for key in ("blocks", "executed", "cached")}
    return {**total, "seconds": round(seconds, 3), "versions": {**versions.ran_with(), **book.packages},
            "chapters": chapters}


def open_cache(book: Book) -> Cache:
    """The results of earlier builds; BookError if they cannot be kept and nobody has said that they need not be."""
    results = book.kept("results")
    if results.enabled:
        prune(make_folder(book.cache))
    return results

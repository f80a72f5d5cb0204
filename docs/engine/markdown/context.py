"""What the processors know: of the book, given once for a build, and of the page that they process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from markdown import Markdown
from markdown.preprocessors import Preprocessor

from ..source.errors import BookError
from ..source.files import read_text
from ..source.front_matter import front_matter_length
from ..source.labels import Label
from ..source.links import page_url, source_link
from ..source.page import Block, Page
from ..source.scan import scan

if TYPE_CHECKING:
    from ..reference.data import Reference
    from ..reference.page_symbols import PageSymbols
    from ..run.results import Result

Link = Callable[[str, str], str]
# What builders register on the Markdown instance of a page, where it says which file below the language's folder the
# page is, and how they want links that stand in HTML: Zensical mends these too, MkDocs those that Markdown has read.
BUILDERS: Sequence[tuple[str, str, str, Link]] = (
    ("preprocessors", "rendering_context", "page.path", source_link),
    ("treeprocessors", "relpath", "file.src_uri", page_url),
)


@dataclass
class BookContext:
    """The book, as the pages of one language need it."""

    root: Path = Path()
    language: str = "en"
    results: Mapping[str, Result] = field(default_factory=dict)  # by page path, as the next two
    symbols: Mapping[str, PageSymbols] = field(default_factory=dict)  # what the formulas of each page use
    errors: Mapping[str, BookError] = field(default_factory=dict)  # why it did not run
    labels: Mapping[str, Label] = field(default_factory=dict)
    reference: Reference | None = None  # the data of the reference pages
    data_error: str | None = None  # why there is no `reference`, under `mkdocs serve`
    show_errors: bool = False  # `mkdocs serve`: failures are put into the page instead of raised
    run: Callable[[Page], Result] | None = None  # for what is no page of the book

    def result(self, page: Page) -> Result:
        if page.path in self.results:
            return self.results[page.path]
        if page.path not in self.errors and self.run:
            return self.run(page)
        raise self.errors.get(page.path) or BookError(
            "this page did not run, because of the errors in the terminal", path=page.path)


@dataclass
class PageContext(BookContext):
    """The book and the page of it that one Markdown instance processes; `FindPage` says which, before all others run.
    """

    path: str = "<string>"  # "docs/en/loss.md", for messages
    source: str = ""  # the whole file, front matter included, so that messages can name lines
    page: str = ""  # "loss": path inside the language without suffix
    linked: Link = page_url
    cells: dict[str, Block] = field(default_factory=dict)  # by what stands for each until the page is written

    @property
    def page_symbols(self) -> PageSymbols | None:
        return self.symbols.get(self.path)

    def link(self, page: str) -> str:
        """Another page as HTML names it that Markdown does not read; "" for this one."""
        return "" if page == self.page else self.linked(self.page, page)

    def error(self, message: str, text: str) -> BookError:
        """An error where the text first stands in prose."""
        return BookError(message, path=self.path, line=scan(self.source).line_of(text))

    def before(self, lines: Sequence[str]) -> list[str]:
        """The file's lines before the text that Markdown is given: builders take the front matter off."""
        source = self.source.split("\n")
        front = source[: front_matter_length(source)]
        if front and front == list(lines[: len(front)]):  # left in place
            return []
        missing = self.source.rstrip().count("\n") - "\n".join(lines).rstrip().count("\n")
        return front + [""] * (missing - len(front))


class OfPage:
    """A preprocessor or tree processor of one page."""

    def __init__(self, md: Markdown, context: PageContext) -> None:
        self.md, self.context = md, context


class FindPage(OfPage, Preprocessor):
    """Finds the page when its text comes, and not before: MkDocs registers what names it after all extensions."""

    def run(self, lines: list[str]) -> list[str]:
        context = self.context
        context.source = "\n".join(lines)  # of text that is no page
        for registry, name, place, link in BUILDERS:
            if name in (processors := getattr(self.md, registry)):
                file: str = attrgetter(place)(processors[name])
                context.path, context.page = f"docs/{context.language}/{file}", file.removesuffix(".md")
                context.source, context.linked = read_text(context.root / context.path, context.path), link
        return lines

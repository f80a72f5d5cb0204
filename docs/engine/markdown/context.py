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
from ..source.files import front_matter_length, page_url, read_text, source_link
from ..source.labels import Label
from ..source.page import Page

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
BEFORE_ALL = 100


@dataclass(frozen=True)
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
class PageContext:
    """One page. It belongs to one Markdown instance; `FindPage` fills it in before any other processor runs."""

    path: str = "<string>"  # "docs/en/loss.md", for messages
    source: str = ""  # the whole file, front matter included, so that messages can name lines
    page: str = ""  # "loss": path inside the language without suffix
    language: str = "en"
    labels: Mapping[str, Label] = field(default_factory=dict)  # of the whole book, in this language
    reference: Reference | None = None
    data_error: str | None = None
    symbols: PageSymbols | None = None
    linked: Link = page_url

    def link(self, page: str) -> str:
        """Another page as HTML names it that Markdown does not read; "" for this one."""
        return "" if page == self.page else self.linked(self.page, page)

    def before(self, lines: Sequence[str]) -> list[str]:
        """The file's lines before the text that Markdown is given: builders take the front matter off."""
        source = self.source.split("\n")
        front = source[: front_matter_length(source)]
        if front and front == list(lines[: len(front)]):  # left in place
            return []
        missing = _line_count(self.source) - _line_count("\n".join(lines))
        return front + [""] * (missing - len(front))


class FindPage(Preprocessor):
    """Finds the page when its text comes, and not before: MkDocs registers what names it after all extensions."""

    def __init__(self, md: Markdown, book: BookContext, context: PageContext) -> None:
        super().__init__(md)
        self.book, self.context = book, context

    def run(self, lines: list[str]) -> list[str]:
        context, book = self.context, self.book
        context.source = "\n".join(lines)  # of text that is no page
        for registry, name, place, link in BUILDERS:
            if name in (processors := getattr(self.md, registry)):
                file: str = attrgetter(place)(processors[name])
                context.path, context.page = f"docs/{book.language}/{file}", file.removesuffix(".md")
                context.source = read_text(book.root / context.path, context.path)
                context.symbols, context.linked = book.symbols.get(context.path), link
        return lines


def extend(md: Markdown, book: BookContext) -> PageContext:
    context = PageContext(language=book.language, labels=book.labels, reference=book.reference,
                          data_error=book.data_error)
    md.preprocessors.register(FindPage(md, book, context), "book_page", BEFORE_ALL)
    return context


def _line_count(text: str) -> int:
    return text.rstrip().count("\n")

"""What can be said of the pages without running them: twins, labels, symbols, house rules. Takes seconds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from ..book.book import Book, Source, read_book
from ..book.nav import chapters_of
from ..source.errors import BookError
from ..source.files import check_front_matter
from ..source.misread import refuse_misread
from . import chapter_rules
from .copy_rules import LINE_RULES, Fault
from .outline import read_outline
from .parity import compare
from .reading import lines_of

LANGUAGES = ("zh", "en")


@dataclass
class Findings:
    """`errors` must be mended; `missing` is what drafts lack before they are chapters."""

    errors: list[BookError] = field(default_factory=list)
    missing: list[BookError] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)  # paths
    pages: int = 0


def check(book: Book) -> Findings:
    """Everything that is wrong with the pages of the book, as far as no code needs to run."""
    chapters = chapters_of((book.root / "mkdocs.yml").read_text("utf-8"))
    read = read_book(book, LANGUAGES, chapters)
    found = Findings(errors=read.errors, pages=len(read.sources))
    found.errors += _twins(book, read.sources.values())
    for source in read.sources.values():
        try:
            if draft := is_draft(source):
                found.drafts.append(source.path)
            refuse_misread(source.text, source.path)
            found.errors += copy_faults(source)
            if source.page in chapters:
                (found.missing if draft else found.errors).extend(shape_faults(book, source))
        except BookError as error:
            found.errors.append(error)
    found.errors = list({str(error): error for error in found.errors}.values())  # an unreadable page is met twice
    return found


def is_draft(source: Source) -> bool:
    """Whether the page is still being written: `draft: true` in its front matter."""
    return bool(check_front_matter(source.text, source.path).get("draft"))


def copy_faults(source: Source) -> list[BookError]:
    """What is wrong with the text of a page."""
    lines = lines_of(source.text)
    return _placed(source, (fault for rule in LINE_RULES[source.language] for fault in rule(lines)))


def shape_faults(book: Book, source: Source) -> list[BookError]:
    """What is wrong with the shape of a chapter."""
    lines, page = lines_of(source.text), read_outline(source.text, book.snippets, source.path)
    return _placed(source, [*chapter_rules.closing_sections(page), *chapter_rules.exercises(page),
                            *chapter_rules.blocks(page), *chapter_rules.short_summary(lines),
                            *chapter_rules.named_sources(lines), *chapter_rules.length(lines, source.language)])


def _placed(source: Source, faults: Iterable[Fault]) -> list[BookError]:
    return [BookError(fault, path=source.path, line=line) for line, fault in sorted(faults)]


def _twins(book: Book, sources: Iterable[Source]) -> list[BookError]:
    pages: dict[str, list[Source]] = {}
    for source in sources:
        pages.setdefault(source.page, []).append(source)
    return [error for twins in pages.values() for one, other in combinations(twins, 2)
            for error in compare(one.text, other.text, one.path, other.path, book.snippets)]

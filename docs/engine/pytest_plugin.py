"""Teaches pytest-markdown-docs to read the book's pages as the build does, and to run them with the same runner.

A page's blocks are one test each. Asking for one block runs the whole chapter in a process of its own, so its
predecessors have run; each test then looks at its own block. Twins share a run.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_markdown_docs import _runners

from .book.book import Book
from .markdown.render import cell_html, moving_file
from .run.answers import question_faults, values_of
from .run.cache import Cache
from .run.pool import Pool
from .run.results import Result, failure_of, results_for
from .source.errors import BookError
from .source.expressions import Question
from .source.files import read_text
from .source.page import Page, read_page


class PageReader:
    """Stands where pytest-markdown-docs expects a markdown-it parser; finds blocks as the build finds them."""

    def parse(self, text: str) -> list[SimpleNamespace]:
        try:
            blocks = read_page(text, RESULTS.book.snippets).blocks
        except BookError:
            return []  # PageFile reads the same page and says what is wrong, with its path
        return [SimpleNamespace(type="fence", info="python", content=block.section.code,
                                map=[block.line - 1, block.end]) for block in blocks]


@pytest.hookimpl(tryfirst=True)
def pytest_markdown_docs_markdown_it() -> PageReader:
    return PageReader()


class Results:
    """Results of the pages asked for so far, kept for all processes of one run of pytest.

    Nothing comes from the build's cache: a test runs the code.
    """

    def __init__(self, book: Book, folder: Path) -> None:
        self.book, self.cache, self.pool = book, Cache(folder), Pool()
        self.pages: dict[str, Page] = {}
        self.results: dict[str, Result] = {}

    def of(self, file: Path) -> tuple[Page, Result]:
        """The page, which shares a run with the same page in the other languages."""
        path = file.resolve().relative_to(self.book.root)
        if path.as_posix() not in self.results:
            twins = [self.read(twin) for twin in sorted(self.book.root.glob(f"docs/*/{'/'.join(path.parts[2:])}"))]
            self.results |= results_for(twins, self.book.setting(), self.cache, self.pool)
        return self.pages[path.as_posix()], self.results[path.as_posix()]

    def read(self, file: Path) -> Page:
        path = file.resolve().relative_to(self.book.root).as_posix()
        self.pages[path] = read_page(read_text(file, path), self.book.snippets, path)
        return self.pages[path]


RESULTS: Results  # of the book in whose folder pytest runs
FOLDER = "BOOK_TEST_RESULTS"  # the environment's name for it: pytest-xdist's workers share the first process's folder


def pytest_configure(config: pytest.Config) -> None:
    global RESULTS
    if not hasattr(config, "workerinput"):
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="book-tests-")
    RESULTS = Results(Book(config.rootpath.resolve()), Path(os.environ[FOLDER]))


def pytest_itemcollected(item: pytest.Item) -> None:
    """For pytest-xdist, which reads the groups before any later hook could name them: what runs one chapter's code is
    one group, so that it runs once; else a file is, unless its tests name groups themselves."""
    if item.get_closest_marker("xdist_group") is None:
        item.add_marker(pytest.mark.xdist_group(chapter_of(item.path) or str(item.path)))


def chapter_of(file: Path) -> str | None:
    """The page, such as "gradient-descent", that a file of docs/ or tests/chapters/ is about; None for other files."""
    if file.suffix == ".md":
        return file.stem
    name = file.stem.removeprefix("test_").replace("_", "-")
    return {"home": "index"}.get(name, name) if file.parent.name == "chapters" else None


def run_first(module: Path) -> None:
    """Before the tests of a chapter load its code into this process, it runs as the build runs it, with limits: what
    ends, hangs or leaves its folder fails here. `module` is the test's file."""
    name, english = chapter_of(module), RESULTS.book.root / "docs" / "en"
    for page in (english / f"{name}.md", english / "labs" / f"{name}.md"):
        if page.is_file() and (failure := failure_of(*RESULTS.of(page))):
            raise failure


def said_of(excinfo: pytest.ExceptionInfo) -> str:
    """A BookError as it stands, without the engine's own lines."""
    return str(excinfo.value if isinstance(excinfo.value, BookError) else excinfo.getrepr(style="short"))


class ChapterRunner(_runners._Runner):
    """Runs a block by running its chapter, once per session."""

    def runtest(self, test, args, *, asyncio_runner=None) -> None:
        page, result = RESULTS.of(Path(test.source_path))
        index = [block.line for block in page.blocks].index(test.start_line)
        check_block(page, result, index)

    def repr_failure(self, test, excinfo, style=None) -> str:
        return said_of(excinfo)


def check_block(page: Page, result: Result, index: int) -> None:
    """Raises BookError unless this block ran and gave what the page says."""
    if index < len(result.blocks):
        cell_html(page.blocks[index], index + 1, result.blocks[index], page.path)
        if move := page.blocks[index].options.move:
            moving_file(page.blocks[index], move, index + 1, result.blocks[index], page.path)
        return
    failure, line = why_not(page, result), page.blocks[index].line
    if failure.line == line:
        raise failure
    raise BookError(f"block {index + 1} did not run, because of {failure}", path=page.path, line=line)


def why_not(page: Page, result: Result) -> BookError:
    """Why something of the page was not run."""
    return failure_of(page, result) or BookError("the page changed while its tests ran; run them again", path=page.path)


def check_expression(place: tuple[int, str], page: Page, result: Result) -> None:
    """An inline expression, known by the number of blocks before it and its code, has a value."""
    if place not in result.values:
        raise why_not(page, result)


def check_question(question: Question, page: Page, result: Result) -> None:
    """Each mistake of a question gives another value than the answer."""
    for fault in question_faults(page, result):
        if fault.line == question.line:
            raise fault
    if values_of(question, page, result) is None:
        raise why_not(page, result)


class PageItem(pytest.Item):
    """Something of a page that is no block; `check` raises BookError unless it ran and gave what the page says."""

    def __init__(self, *, line: int, check: Callable[[Page, Result], None], **arguments) -> None:
        super().__init__(**arguments)
        self.line, self.check = line, check

    def runtest(self) -> None:
        self.check(*RESULTS.of(self.path))

    def repr_failure(self, excinfo, style=None) -> str:
        return said_of(excinfo)

    def reportinfo(self):
        return self.path, self.line - 1, self.name


class PageFile(pytest.File):
    def collect(self):
        page = RESULTS.read(self.path)
        for number, (before, step) in enumerate(page.expressions, 1):
            yield PageItem.from_parent(self, name=f"[Expression#{number}][line:{step.line}]", line=step.line,
                                       check=partial(check_expression, (before, step.code)))
        for question in page.questions:
            yield PageItem.from_parent(self, name=f"[Question][line:{question.line}]", line=question.line,
                                       check=partial(check_question, question))

    def repr_failure(self, excinfo) -> str:
        return said_of(excinfo)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Of docs/, only what the languages' folders hold is pages: the templates of new ones cannot run."""
    docs = RESULTS.book.root / "docs"
    return True if collection_path in (docs / "engine", docs / "overrides", docs / "assets") else None


def pytest_collect_file(file_path: Path, parent):
    of_the_book = file_path.suffix == ".md" and file_path.is_relative_to(RESULTS.book.root / "docs")
    return PageFile.from_parent(parent, path=file_path) if of_the_book else None


def pytest_unconfigure(config: pytest.Config) -> None:
    RESULTS.pool.close()
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(FOLDER), ignore_errors=True)


_runners.register_runner(default=True)(ChapterRunner)

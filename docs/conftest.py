"""Teaches pytest-markdown-docs to read the book's pages as the build does, and to run them with the same runner.

A page's blocks are one test each. Asking for one block runs the whole chapter in a process of its own, so its
predecessors have run; each test then looks at its own block. Twins share a run.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_markdown_docs import _runners

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS))

from hooks.book import Book  # noqa: E402
from hooks.cache import Cache  # noqa: E402
from hooks.chapter_run import Result, failure_of, results_for  # noqa: E402
from hooks.errors import BookError  # noqa: E402
from hooks.files import read_text  # noqa: E402
from hooks.page import Block, Page, read_page  # noqa: E402
from hooks.render import cell_html  # noqa: E402
from hooks.runner import Pool  # noqa: E402

collect_ignore_glob = ["*.py"]  # pages only: pytest-markdown-docs would import this file a second time
BOOK = Book(DOCS.parent)


class PageReader:
    """Stands where pytest-markdown-docs expects a markdown-it parser; finds blocks as the build finds them."""

    def parse(self, text: str) -> list[SimpleNamespace]:
        try:
            blocks = read_page(text, BOOK.snippets).blocks
        except BookError:
            return []  # ExpressionFile reads the same page and says what is wrong, with its path
        return [SimpleNamespace(type="fence", info="python", content=block.section.code,
                                map=[block.line - 1, block.end]) for block in blocks]


@pytest.hookimpl(tryfirst=True)
def pytest_markdown_docs_markdown_it() -> PageReader:
    return PageReader()


class Results:
    """Results of the pages asked for so far. Nothing comes from the build's cache: a test runs the code."""

    def __init__(self) -> None:
        self.pool = Pool()
        self.pages: dict[str, Page] = {}
        self.results: dict[str, Result] = {}

    def of(self, file: Path) -> tuple[Page, Result]:
        path = file.resolve().relative_to(BOOK.root).as_posix()
        if path not in self.results:
            twins = [self._read(twin) for twin in twins_of(file)]
            self.results |= results_for(twins, BOOK.setting(), Cache(BOOK.cache, enabled=False), self.pool)
        return self.pages[path], self.results[path]

    def _read(self, file: Path) -> Page:
        path = file.relative_to(BOOK.root).as_posix()
        self.pages[path] = read_page(read_text(file, path), BOOK.snippets, path)
        return self.pages[path]


def twins_of(file: Path) -> list[Path]:
    """The page and the same page in the other languages."""
    _, *inner = file.resolve().relative_to(DOCS).parts
    return [twin for language in sorted(DOCS.iterdir()) if (twin := language.joinpath(*inner)).is_file() and inner]


RESULTS = Results()


class ChapterRunner(_runners._Runner):
    """Runs a block by running its chapter, once per session."""

    def runtest(self, test, args, *, asyncio_runner=None) -> None:
        page, result = RESULTS.of(Path(test.source_path))
        index = [block.line for block in page.blocks].index(test.start_line)
        check_block(page, result, index)

    def repr_failure(self, test, excinfo, style=None) -> str:
        if isinstance(excinfo.value, BookError):
            return str(excinfo.value)
        return str(excinfo.getrepr(style="short"))


def check_block(page: Page, result: Result, index: int) -> None:
    """Raises BookError unless this block ran and gave what the page says."""
    if index < len(result.blocks):
        cell_html(page.blocks[index], index + 1, result.blocks[index], page.path)
        return
    failure = failure_of(page, result)
    if result.failure["block"] == index and result.failure["code"] is None:
        raise failure
    raise BookError(f"block {index + 1} did not run, because of {failure}", path=page.path,
                    line=page.blocks[index].line)


class ExpressionItem(pytest.Item):
    """One inline expression of a page."""

    def __init__(self, *, before: int, code: str, line: int, **arguments) -> None:
        super().__init__(**arguments)
        self.before, self.code, self.line = before, code, line

    def runtest(self) -> None:
        page, result = RESULTS.of(self.path)
        if (self.before, self.code) not in result.values:
            raise failure_of(page, result)

    def repr_failure(self, excinfo, style=None):
        return str(excinfo.value) if isinstance(excinfo.value, BookError) else super().repr_failure(excinfo, style)

    def reportinfo(self):
        return self.path, self.line - 1, self.name


class ExpressionFile(pytest.File):
    def collect(self):
        path = self.path.relative_to(BOOK.root).as_posix()
        page, before = read_page(read_text(self.path, path), BOOK.snippets, path), 0
        for number, step in enumerate(page.steps):
            if isinstance(step, Block):
                before += 1
            else:
                yield ExpressionItem.from_parent(self, name=f"[Expression#{number + 1}][line:{step.line}]",
                                                 before=before, code=step.code, line=step.line)

    def repr_failure(self, excinfo):
        return str(excinfo.value) if isinstance(excinfo.value, BookError) else super().repr_failure(excinfo)


def pytest_collect_file(file_path: Path, parent):
    return ExpressionFile.from_parent(parent, path=file_path) if file_path.suffix == ".md" else None


def pytest_unconfigure() -> None:
    RESULTS.pool.close()


_runners.register_runner(default=True)(ChapterRunner)

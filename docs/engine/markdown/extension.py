"""The Python-Markdown extension that puts results into a page. It knows no MkDocs.

    >>> markdown.markdown(text, extensions=["pymdownx.arithmatex", BookExtension(BookContext(root, results=results))])

One extension serves all pages of a build: what belongs to a page belongs to its Markdown instance, which also says
which page it is.
"""

from __future__ import annotations

from html import escape

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from ..run.results import Result, failure_of
from ..source.cells import is_lab
from ..source.errors import BookError
from ..source.page import Block, Expression, Page, read_page
from . import formulas, questions
from .context import BookContext, FindPage, OfPage, PageContext
from .references import Citations, Directives
from .render import cell_html, failure_html, not_run_html
from .terms import Terms


class BookExtension(Extension):
    def __init__(self, book: BookContext) -> None:
        super().__init__()
        self.book = book

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """The higher a number, the earlier; those of others stand beside it."""
        page = PageContext(**vars(self.book))
        md.preprocessors.register(FindPage(md, page), "book_page", 100)
        # After whitespace is normalised (30), before fences are taken (25) and HTML is (20).
        md.preprocessors.register(Cells(md, page), "book_cells", 29)
        md.preprocessors.register(Directives(md, page), "book_directives", 28)  # after the cells, which count lines
        formulas.extend(md, page)
        # pymdownx.highlight (30) takes the text of code blocks away.
        md.treeprocessors.register(MisplacedCells(md, page), "book_misplaced_cells", 31)
        if page.reference:
            # After code spans and formulas, before links (160).
            md.inlinePatterns.register(Citations(md, page), "citations", 184)
            # After inline patterns (20), formulas (15) and attributes (8), before links are checked (0).
            md.treeprocessors.register(Terms(md, page), "terms", 7)
        questions.extend(md, page.language)
        if page.show_errors:
            _show_errors(md)


class Cells(OfPage, Preprocessor):
    """Replaces each python fence by its cell and each inline expression by its value."""

    def run(self, lines: list[str]) -> list[str]:
        context, before = self.context, self.context.before(lines)
        try:
            page = read_page("\n".join(before + lines), context.root / "snippets", context.path)
            result = context.result(page)
            filled = is_lab(before, len(before)) and not page.steps  # under MkDocs, by mkdocs-jupyter
            return lines if filled else self._filled(lines, len(before) + 1, page, result)
        except BookError as error:
            if not context.show_errors:
                raise
            readable = [line.replace("{python}", "python:") for line in lines]  # of a page that cannot be run
            return [self.md.htmlStash.store(failure_html(str(error))), "", *readable]

    def _filled(self, lines: list[str], first_line: int, page: Page, result: Result) -> list[str]:
        """Fills the page from its end, so that the places of what is still to come stay right."""
        failure = failure_of(page, result)
        if failure is not None and not self.context.show_errors:
            raise failure
        if failure is None and len(result.blocks) != len(page.blocks):
            raise BookError(f"{len(page.blocks)} python fences, but {len(result.blocks)} blocks ran", path=page.path)
        filled, before = list(lines), len(page.blocks)
        for step in reversed(page.steps):
            row = step.line - first_line
            if isinstance(step, Block):
                before, below = before - 1, [""] * (step.end - step.line - 1)
                stashed = self.md.htmlStash.store(self._cell(step, before, page, result, failure))
                self.context.cells[stashed] = step
                # A blank line first, so that text above stays a paragraph of its own.
                filled[row : row + step.end - step.line + 1] = ["", step.indent + stashed, *below]
            else:
                text = self._value(step, before, page, result)
                stashed = self.md.htmlStash.store(f'<span class="value">{text}</span>')
                filled[row] = filled[row][: step.start] + stashed + filled[row][step.end :]
        return filled

    def _value(self, expression: Expression, before: int, page: Page, result: Result) -> str:
        text = result.values.get((before, expression.code))
        if text is None:
            if result.failure is None:
                raise BookError(f"the inline expression `{expression.code}` was not evaluated: the page changed "
                                "while it was being built; build again", path=page.path, line=expression.line)
            text = "?"  # under `mkdocs serve`: the failure stands on the page
        return escape(text, quote=False)

    def _cell(self, block: Block, index: int, page: Page, result: Result, failure: BookError | None) -> str:
        if index < len(result.blocks):
            return cell_html(block, index + 1, result.blocks[index], page.path, self.context.language)
        shown = failure_html(str(failure)) if index == len(result.blocks) else ""
        return not_run_html(block) + shown


class MisplacedCells(OfPage, Treeprocessor):
    """A cell that Markdown has taken for the text of an indented code block would come out as broken HTML."""

    def run(self, root) -> None:
        for element in root.iter("code"):
            for placeholder, block in self.context.cells.items():
                if placeholder in (element.text or ""):
                    raise BookError("a python fence that is indented, but not inside a list item; take the "
                                    "indentation away", path=self.context.path, line=block.line)


def _show_errors(md: Markdown) -> None:
    """From here on an error is given as the page, when not even the rest of the page can be shown."""
    convert = md.convert

    def shown(source: str) -> str:
        try:
            return convert(source)
        except BookError as error:
            return failure_html(str(error))

    md.convert = shown

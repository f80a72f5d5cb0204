"""A lab as the notebook that mkdocs-jupyter handles, and its cells as HTML with what their run gave.

The cells have run already, in a process of the pool, as the blocks of chapters do: warnings are errors, a failure names
its line, results are kept by content, twins share one run. `BookExecution` is what mkdocs-jupyter's `execute: true`
starts: jupyter/jupyter_nbconvert_config.json stands in the place of the reader's own configuration and names it.
tests/site/test_kernel.py runs the cells in a real Jupyter kernel too, and compares.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from html import escape
from itertools import takewhile

from nbconvert.preprocessors import ExecutePreprocessor
from nbformat import NotebookNode

from ..markdown.render import cell_html
from ..run.results import Result
from ..source.errors import BookError
from ..source.expressions import expressions_of
from ..source.page import Page
from ..source.scan import scan

LAB: ContextVar[tuple[Page, Result]] = ContextVar("LAB")  # the lab that mkdocs-jupyter converts now
SHOWN = re.compile(r"%%(?P<language>\S+)[^\n]*\n(?P<code>.*)", re.DOTALL)  # jupytext's cell of another language
MARKS = re.compile(r"[\\`*_{}\[\]()#+\-.!$|~^]")


class BookExecution(ExecutePreprocessor):
    def preprocess(self, nb, resources=None, km=None):
        fill(nb, *LAB.get())
        return nb, resources


def book_cell(cell: NotebookNode) -> str:
    """The filter of the template: a code cell as chapters show theirs. It goes through Markdown as raw HTML, so nothing
    in it may look like a fence or an inline expression."""
    page, result = LAB.get()
    number = cell.metadata["block"]
    html = cell_html(page.blocks[number], number + 1, result.blocks[number], page.path, page.path.split("/")[1])
    return html.replace("`", "&#96;").replace("~", "&#126;").replace("{python}", "&#123;python}")


def fill(notebook: NotebookNode, page: Page, result: Result) -> None:
    """Numbers the code cells and puts values in place of the inline expressions."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and (shown := SHOWN.fullmatch(cell.source)):
            cell.cell_type, cell.source = "markdown", f"```{shown['language']}\n{shown['code']}\n```"
            del cell["outputs"], cell["execution_count"]
    codes = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    expected = [block.section.code.rstrip("\n") for block in page.blocks]
    if codes != expected:
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(codes, expected)))
        line = page.blocks[min(same, len(expected) - 1)].line if expected else None
        raise BookError(f"jupytext reads {len(codes)} cells, the book {len(expected)}; they differ from cell "
                        f"{same + 1} on. Write each cell as ```python … ``` at the left margin",
                        path=page.path, line=line)
    before = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata["block"] = before
            before += 1
        elif cell.cell_type == "markdown":
            cell.source = _with_values(cell.source, before, result, page.path)


def _with_values(markdown: str, before: int, result: Result, path: str) -> str:
    lines = markdown.expandtabs(4).split("\n")
    for found in reversed(expressions_of(scan(markdown, part=True), path)):
        text = MARKS.sub(lambda mark: f"&#{ord(mark[0])};", escape(result.values[before, found.code], quote=False))
        line = lines[found.line - 1]
        lines[found.line - 1] = f'{line[: found.start]}<span class="value">{text}</span>{line[found.end :]}'
    return "\n".join(lines)

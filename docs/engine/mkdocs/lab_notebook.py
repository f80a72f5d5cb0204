"""A lab as the notebook that mkdocs-jupyter handles: its cells with what their run gave, and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from itertools import takewhile

from nbformat import NotebookNode
from nbformat.v4 import new_output

from ..markdown.render import cell_html
from ..run.results import Result
from ..source.errors import BookError
from ..source.expressions import expressions_of
from ..source.page import Page

SHOWN = re.compile(r"%%(?P<language>\S+)[^\n]*\n(?P<code>.*)", re.DOTALL)  # jupytext's cell of another language
MARKS = re.compile(r"[\\`*_{}\[\]()#+\-.!$|~^]")


def fill(notebook: NotebookNode, page: Page, result: Result) -> None:
    """Puts outputs below the code cells and values in place of the inline expressions."""
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
            cell.outputs = outputs_of(result.blocks[before], page.blocks[before].options.alt)
            cell.metadata["block"] = before
            before += 1
        elif cell.cell_type == "markdown":
            cell.source = "\n".join(_with_values(line, before, result, page.path) for line in cell.source.split("\n"))


def _with_values(line: str, before: int, result: Result, path: str) -> str:
    for found in reversed(expressions_of(line, 0, path)):
        text = MARKS.sub(lambda mark: f"&#{ord(mark[0])};", escape(result.values[before, found.code], quote=False))
        line = f'{line[: found.start]}<span class="value">{text}</span>{line[found.end :]}'
    return line


def outputs_of(output: Mapping, alt: tuple[str, ...]) -> list[NotebookNode]:
    """The engine's result of a block in Jupyter's form; a figure bears its description as its text."""
    found = [new_output("stream", name="stdout", text=output["stdout"])] if output["stdout"] else []
    if output["value"] is not None:
        found.append(new_output("execute_result", data={"text/plain": output["value"]}))
    if output["error"] is not None:
        name, _, value = output["error"].partition(": ")
        found.append(new_output("error", ename=name, evalue=value, traceback=[output["error"]]))
    return found + [new_output("display_data", data={"image/svg+xml": svg, "text/plain": text})
                    for svg, text in zip(output["figures"], alt, strict=True)]


def output_of(outputs: list[NotebookNode]) -> dict:
    """The other way round."""
    data = [output.data for output in outputs if "data" in output]
    errors = [output.traceback[-1] for output in outputs if output.output_type == "error"]
    values = [output.data["text/plain"] for output in outputs if output.output_type == "execute_result"]
    return {"stdout": "".join(output.text for output in outputs if output.output_type == "stream"),
            "value": values[0] if values else None, "error": errors[0] if errors else None,
            "figures": [one["image/svg+xml"] for one in data if "image/svg+xml" in one]}


def code_cell_html(cell: NotebookNode, page: Page) -> str:
    """A code cell as chapters show theirs. It goes through Markdown as raw HTML, so nothing in it may look like a
    fence."""
    number = cell.metadata["block"]
    html = cell_html(page.blocks[number], number + 1, output_of(cell.outputs), page.path,
                     page.path.split("/")[1])
    return html.replace("`", "&#96;").replace("~", "&#126;")

"""What enters a notebook's cells, and the cells: plain JSON values, as nbformat 4.5 has them.

A page is cut into pieces, prose and code in order, each with the pymdownx blocks (`/// note`) around it. Cells have ids
that say where they stand. nbformat itself takes a second or two to load; the tests validate with it what is made here.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..figures.picture import png_of
from ..run.output import Output
from ..source.blocks import Mark
from ..source.page import Block, Page
from ..source.scan import scan

ID_LENGTH = 50  # nbformat allows 64; a number may follow
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}  # in Jupyter's words and in Colab's


@dataclass
class Text:
    frames: tuple[Mark, ...]
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Code:
    frames: tuple[Mark, ...]
    index: int  # among the page's blocks


def pieces_of(page: Page, source: str, lines: Sequence[str]) -> list[Text | Code]:
    """The pieces of a page of this source; `lines` are its lines as they are to be shown."""
    found = scan(source)
    marks = [mark for mark in found.marks if mark.name]
    of_marks = {line for mark in marks for line in [*range(mark.line, mark.line + mark.lines), mark.end]}
    blocks = {block.line: (index, block) for index, block in enumerate(page.blocks)}
    ends = {fence.line: fence.end for fence in found.fences}
    pieces: list[Text | Code] = []
    indent = ""  # of a fence in a list item: what follows it in the item stands alone now
    number = found.front_matter + 1
    while number <= len(lines):
        frames, end = _frames(marks, number), ends.get(number, number)
        if number in blocks:
            index, block = blocks[number]
            pieces.append(Code(frames, index))
            indent = block.indent
        elif number not in of_marks:
            last = pieces[-1] if pieces else None
            if not isinstance(last, Text) or last.frames != frames:
                last = Text(frames)
                pieces.append(last)
            for line in lines[number - 1 : end]:
                indent = "" if line.strip() and not line.startswith(indent) else indent
                last.lines.append(line.removeprefix(indent))
        number = end + 1
    return [piece for piece in pieces if isinstance(piece, Code) or any(map(str.strip, piece.lines))]


def _frames(marks: Sequence[Mark], line: int) -> tuple[Mark, ...]:
    """The blocks around a line, from the outermost."""
    return tuple(mark for mark in marks if mark.line < line and (mark.end is None or line < mark.end))


class Cells:
    def __init__(self) -> None:
        self.made: list[dict] = []
        self.section = "top"
        self._prose: list[str] = []
        self._used: Counter[str] = Counter()
        self._count = 0

    def prose(self, markdown: str) -> None:
        """Goes into the Markdown cell that is being filled."""
        if markdown.strip():
            self._prose.append(markdown)

    def begin_section(self, name: str) -> None:
        self.end_prose()
        self.section = name

    def end_prose(self) -> None:
        if self._prose:
            source = "\n\n".join(self._prose)
            self.made.append({"cell_type": "markdown", "id": self._id(self.section), "metadata": {},
                              "source": _lines(source)})
            self._prose = []

    def code(self, name: str, source: str, outputs: Sequence[dict] = (), metadata: dict | None = None) -> None:
        self.end_prose()
        self._count += 1
        for output in outputs:
            if output["output_type"] == "execute_result":
                output["execution_count"] = self._count
        self.made.append({"cell_type": "code", "id": self._id(f"code-{name}"), "execution_count": self._count,
                          "metadata": metadata or {}, "outputs": list(outputs), "source": _lines(source.rstrip("\n"))})

    def _id(self, name: str) -> str:
        name = re.sub(r"[^A-Za-z0-9_-]", "-", name)[:ID_LENGTH]
        self._used[name] += 1
        return name if self._used[name] == 1 else f"{name}--{self._used[name]}"


def outputs_of(block: Block, output: Output) -> list[dict]:
    """What the block gave, in a kernel's order: text, value or error, figures."""
    outputs = []
    if output.stdout:
        outputs.append({"output_type": "stream", "name": "stdout", "text": _lines(output.stdout)})
    if output.value is not None:
        outputs.append({"output_type": "execute_result", "data": {"text/plain": _lines(output.value)}, "metadata": {}})
    if output.error is not None:
        name, _, message = output.error.partition(": ")
        name = name.rpartition(".")[2]  # a kernel leaves the module out
        outputs.append({"output_type": "error", "ename": name, "evalue": message,
                        "traceback": [f"{name}: {message}" if message else name]})
    for svg, alt in zip(output.figures, block.options.alt, strict=True):
        outputs.append({"output_type": "display_data", "data": {"image/png": f"{png_of(svg)}\n", "text/plain": [alt]},
                        "metadata": {"image/png": {"alt": alt}}})
    return outputs


def _lines(text: str) -> list[str]:
    """A text as Jupyter writes it, so that saving an unchanged notebook changes nothing."""
    return text.splitlines(keepends=True)


def metadata_of(block: Block, folded: str | None) -> dict:
    """`folded` is the kind of the fold that the block stands in: a solution's outputs are folded too."""
    tags = ["raises-exception"] if block.options.raises else []
    if block.options.varies:
        tags.append("varies")  # measured times: no two runs give the same
    metadata: dict = {"tags": tags} if tags else {}
    if folded is not None or block.options.folded:
        metadata |= copy.deepcopy(FOLDED)
        if folded not in (None, "code"):
            metadata["jupyter"]["outputs_hidden"] = True
    return metadata

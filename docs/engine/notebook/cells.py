"""The cells of a notebook, in order, with ids that say where they stand: plain JSON values, as nbformat 4.5 has them.

nbformat itself takes a second or two to load; the tests validate with it what is made here.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Sequence

from ..figures.picture import png_of
from ..run.output import Output
from ..source.page import Block

ID_LENGTH = 50  # nbformat allows 64; a number may follow
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}  # in Jupyter's words and in Colab's


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

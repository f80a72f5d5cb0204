"""The cells of a lab: a notebook written as Markdown (jupytext's own form), so its code stands in its fences.

A lab is known by `jupyter:` in its front matter. Its cells become blocks like those of a chapter, so both are run,
kept, compared and tested by the same code. Their lines count as if the code of all cells stood in one file: twins,
whose sentences differ in length, then share one run. `in_file` says where such a line stands in the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from .blocks import Heading
from .errors import BookError
from .fences import Fence
from .options import Options, parse_info
from .scan import Scan
from .snippets import Section


@dataclass(frozen=True)
class Cell(Section):
    """A cell's code; `name` is the id of the heading above it."""

    line: int  # of `code` in the page


def is_lab(lines: Sequence[str], front_matter: int) -> bool:
    """Whether the front matter, so many lines long, makes a notebook of the page."""
    return any(line.startswith("jupyter:") for line in lines[:front_matter])


def cells_of(page: Scan, path: str) -> Iterator[tuple[Fence, Options, Cell]]:
    """The python fences of a lab, with their options and code."""
    first_line = 1
    for fence in page.fences:
        if (options := _options(fence, path)) is None:
            continue
        code = "\n".join(fence.body).rstrip()
        _check(fence, code, path)
        yield fence, options, Cell(f"labs/{PurePath(path).stem}", _section(page.headings, fence.line), f"{code}\n",
                                   first_line, fence.line + 1)
        first_line += code.count("\n") + 1


def _options(fence: Fence, path: str) -> Options | None:
    """jupytext writes a cell's metadata behind the language: ```python alt="…"."""
    language, _, rest = fence.info.partition(" ")
    if language == "python":
        fence = replace(fence, info=f"{{.python {rest}}}")
    elif fence.info.startswith("{") and "python" in fence.info:
        raise BookError(f"found the fence ```{fence.info}; in a lab write ```python key=\"value\", as jupytext does",
                        path=path, line=fence.line)
    options = parse_info(fence, path)
    if options and options.move:
        raise BookError("the option 'move' in a lab; figures that move stand in chapters: draw the states side by side",
                        path=path, line=fence.line)
    return options


def _check(fence: Fence, code: str, path: str) -> None:
    if fence.indent:
        raise BookError("an indented cell; a notebook has no cell inside a list: take the indentation away", path=path,
                        line=fence.line)
    if not code.strip():
        raise BookError("an empty cell; write its code, or delete it", path=path, line=fence.line)
    if "--8<--" in code:
        raise BookError("an include in a lab; its cells hold their code themselves, so that the notebook runs "
                        "anywhere: write the code into the cell", path=path, line=fence.line)


def _section(headings: Sequence[Heading], line: int) -> str:
    """The id of the last heading above the line; `top` above the first."""
    return next((heading.id for heading in reversed(headings) if heading.id and heading.line < line), "top")


def in_file(place: str, sections: Sequence[Section], path: str) -> str:
    """A place that a run gives, `file:line`, as the place in the page at `path` if it lies in one of its cells."""
    file, _, line = place.rpartition(":")
    for section in sections:
        if isinstance(section, Cell) and file == section.path:
            below = int(line) - section.first_line
            if 0 <= below < section.code.count("\n"):
                return f"{path}:{section.line + below}"
    return place

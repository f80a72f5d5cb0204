"""The states of a chapter's figure that moves, run as the engine runs them: what a test of the chapter looks at."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt

from book_engine.source.page import read_page
from book_engine.source.snippets import Move, states

ROOT = Path(__file__).resolve().parents[1]


def moves_of(chapter: str) -> dict[str, Move]:
    """The moves of a chapter's English page, by the name of their section."""
    return {block.section.name: block.options.move for block in _page(chapter).blocks if block.options.move}


def states_of(chapter: str, section: str, names: dict) -> dict[str, SimpleNamespace]:
    """By the value as it is written: the names that the state makes, what it prints, its figure. `names` are those that
    the blocks before it left; the names of the whole chapter serve where none of them has changed since."""
    block, = (block for block in _page(chapter).blocks if block.section.name == section)
    move, found = block.options.move, {}
    for value, code in zip(move.values, states(move, block.section), strict=True):
        made, open_before = dict(names), set(plt.get_fignums())
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile("\n" * (block.section.first_line - 1) + code, str(ROOT / block.section.path), "exec"), made)
        number, = set(plt.get_fignums()) - open_before
        found[value] = SimpleNamespace(**{name: value for name, value in made.items() if name.isidentifier()},
                                       printed=out.getvalue().splitlines(), figure=plt.figure(number))
        plt.close(number)
    return found


def _page(chapter: str):
    path = f"docs/en/{chapter}.md"
    return read_page((ROOT / path).read_text("utf-8"), ROOT / "snippets", path)

"""A block that moves, on the page: the slider above what its code gave, and the file of all its states. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from gzip import compress
from html import escape

from ..run.cache import digest
from ..run.output import Output
from ..source.errors import BookError
from ..source.page import Block
from ..source.snippets import Move, value_text

FIGURE_GZIPPED, STATES_GZIPPED = 12_000, 60_000  # bytes that a reader gets with the page, and at the first touch


def states_name(number: int, output: Output, path: str) -> tuple[str, str]:
    """Where the file of a block's states lies, below the site, and what makes its address new with its content."""
    _, language, page = path.removesuffix(".md").split("/", 2)
    return f"{language}/moves/{page.replace('/', '-')}-{number}.js", digest(output.states)[:8]


def states_file(states: Sequence[str], block: Block, number: int, path: str) -> str:
    """A script, since a page that lies in a folder may fetch nothing else; it holds the HTML of each state."""
    text = f"document.currentScript.states={json.dumps(list(states), ensure_ascii=False)}"
    _refuse_heavy(text, STATES_GZIPPED, f"the {len(states)} states of block {number} weigh", block, path)
    return text


def control_html(move: Move, still: int, number: int) -> str:
    """The slider. Without scripts, and on paper, its words and the value of the still are left of it."""
    value, last = escape(value_text(move.values[still])), len(move.values) - 1
    return (f'<div class="cell-move" data-values="{escape(json.dumps(move.values, ensure_ascii=False))}"'
            f' data-search-exclude><label for="move-{number}">{escape(move.words, quote=False)}</label>'
            f'<input id="move-{number}" type="range" max="{last}" value="{still}" aria-valuetext="{value}">'
            f'<output for="move-{number}" aria-live="off">{value}</output></div>')


def marked(code: str, move: Move) -> str:
    """Highlighted code in which the value that moves can be found."""
    line = rf"((?:^|<code>){re.escape(move.name)} = )(.*?)(?=\s*(?:<span class=\"c1\">.*)?$)"
    return re.sub(line, r"\1<span data-moved>\2</span>", code, count=1, flags=re.MULTILINE)


def check_weight(figure: str, block: Block, number: int, path: str) -> None:
    _refuse_heavy(figure, FIGURE_GZIPPED, f"the figure of block {number}, which moves, weighs", block, path)


def _refuse_heavy(text: str, limit: int, what: str, block: Block, path: str) -> None:
    weight = len(compress(text.encode(), 6))
    if weight > limit:
        raise BookError(f"{what} {weight / 1000:.1f} KB gzipped, the limit is {limit // 1000} KB; draw fewer points, "
                        "round them, or show fewer states", path=path, line=block.line)

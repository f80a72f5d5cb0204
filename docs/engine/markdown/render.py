"""A block and what came out of it, as HTML. Pure: data in, text out."""

from __future__ import annotations

import functools
from dataclasses import replace
from html import escape

from pygments import highlight
from pygments.filter import simplefilter
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.token import Name, Operator, Punctuation, Text, Whitespace

from ..figures.svg import clean_svg
from ..run.output import Output, Shown
from ..source.errors import BookError
from ..source.page import Block
from ..source.snippets import Move, still
from .moving import check_weight, control_html, marked, states_file, states_name

FIGURE_LIMIT = 150_000  # bytes of one figure's SVG
CODE_TITLE = {"en": "Code of this figure", "zh": "这幅图的代码"}  # of a block whose code is folded
PLAIN = (Name, Operator, Punctuation, Text, Whitespace)  # not coloured, so they need no element: half of a page's code


@simplefilter
def uncoloured(self, lexer, stream, options):
    """Makes one plain text of all that has no colour."""
    for kind, value in stream:
        yield (Text if kind in PLAIN else kind), value


FORMATTER = HtmlFormatter(nowrap=True)
LEXER = PythonLexer()
LEXER.add_filter(uncoloured())


@functools.lru_cache(maxsize=1024)
def code_html(code: str) -> str:
    """Highlighted code; both languages of a server process ask for the same sections again and again."""
    return f'<div class="highlight cell-code"><pre><code>{highlight(code, LEXER, FORMATTER)}</code></pre></div>'


@functools.lru_cache(maxsize=256)
def figure_svg(svg: str, prefix: str) -> str:
    return clean_svg(svg, prefix)


def cell_html(block: Block, number: int, output: Output, path: str, language: str = "en") -> str:
    """Code, then output, then figures. `number` counts the page's blocks from 1; `path` is the page's, for messages."""
    parts = _parts(block, number, output, path)
    # What differs in every build is left out of the search index, so that two builds are equal but for it.
    varies = " data-varies data-search-exclude" if block.options.varies else ""
    below = f'<div class="cell-output"{varies}>{"".join(parts)}</div>' if parts else ""
    code, attributes = code_html(block.section.code), ""
    if move := block.options.move:
        file, version = states_name(number, output, path)
        attributes = f' data-states="{file}?{version}"'
        check_weight(parts[-1], block, number, path)
        below = control_html(move, still(move, block.section), number) + below
        code = marked(code, move)
    if block.options.folded:
        code = f'<details class="cell-folded"><summary>{CODE_TITLE[language]}</summary>{code}</details>'
        return f'<div class="cell"{attributes}>{below}{code}</div>'  # the figure first: its code is one line below it
    return f'<div class="cell"{attributes}>{code}{below}</div>'


def moving_file(block: Block, move: Move, number: int, output: Output, path: str) -> tuple[str, str]:
    """For a block that moves: the path of the file with all its states, from the site's root, and its text."""
    states = ["".join(_parts(replace(block, options=replace(block.options, alt=(alt,))), number, state, path))
              for alt, state in zip(move.alt, output.states, strict=True)]
    return states_name(number, output, path)[0], states_file(states, block, number, path)


def _parts(block: Block, number: int, output: Shown, path: str) -> list[str]:
    """What came out: text, value, error, figures."""
    parts = []
    if output.stdout.strip():
        parts.append(f'<pre class="cell-stdout">{_text(output.stdout.rstrip())}</pre>')
    if output.value is not None:
        parts.append(f'<pre class="cell-value">{_text(output.value)}</pre>')
    if output.error is not None:
        parts.append(f'<pre class="cell-error">{_text(output.error)}</pre>')
    return parts + _figures(block, number, output.figures, path)


def _text(text: str) -> str:
    """Text for a <pre>, which drops a line end that comes first."""
    return ("\n" if text.startswith("\n") else "") + escape(text, quote=False)


def check_figures(block: Block, number: int, figures: list[str], path: str) -> None:
    """BookError unless each figure is described."""
    alt = block.options.alt
    if len(alt) != len(figures):
        raise BookError(f"block {number} (section {block.section.name!r}) draws {len(figures)} figure(s), its alt= "
                        f"describes {len(alt)}; write one description per figure, separated by ' | '",
                        path=path, line=block.line)


def _figures(block: Block, number: int, figures: list[str], path: str) -> list[str]:
    check_figures(block, number, figures, path)
    html = []
    for index, (svg, text) in enumerate(zip(figures, block.options.alt, strict=True), 1):
        clean = figure_svg(svg, f"b{number}f{index}-")
        if len(clean) > FIGURE_LIMIT:
            raise BookError(f"figure {index} of block {number} weighs {len(clean) // 1000} KB, the limit is "
                            f"{FIGURE_LIMIT // 1000} KB; draw fewer points or set rasterized=True on the heavy artist",
                            path=path, line=block.line)
        html.append(f'<div class="cell-figure" role="img" aria-label="{escape(text)}">{clean}</div>')
    return html


def failure_html(message: str) -> str:
    """What `mkdocs serve` shows in place of what could not be made."""
    return f'<div class="cell cell-failure" role="alert"><pre>{escape(message, quote=False)}</pre></div>'


def not_run_html(block: Block) -> str:
    """Code below a failure, under `mkdocs serve`."""
    return f'<div class="cell">{code_html(block.section.code)}</div>'

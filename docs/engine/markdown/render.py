"""A block and what came out of it, as HTML; of one that moves, the slider too, and the file of all its states. Pure."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import replace
from gzip import compress
from html import escape, unescape

from pygments import highlight
from pygments.filter import simplefilter
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.token import Name, Operator, Punctuation, Text, Whitespace

from ..figures.svg import clean_svg
from ..run.cache import digest
from ..run.output import Output, Shown
from ..source.errors import BookError
from ..source.moving import Move, still, value_text
from ..source.page import Block

FIGURE_LIMIT = 150_000  # bytes of one figure's SVG
FIGURE_GZIPPED, STATES_GZIPPED = 12_000, 60_000  # bytes of a block that moves: with the page, and at the first touch
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
        file, version = _states_name(number, output, path)
        attributes = f' data-states="{file}?{version}"'
        _refuse_heavy(parts[-1], FIGURE_GZIPPED, f"the figure of block {number}, which moves, weighs", block, path)
        below = _control_html(move, still(move, block.section), number) + below
        code = _marked(code, move)
    if block.options.folded:
        code = f'<details class="cell-folded"><summary>{CODE_TITLE[language]}</summary>{code}</details>'
        return f'<div class="cell"{attributes}>{below}{code}</div>'  # the figure first: its code is one line below it
    return f'<div class="cell"{attributes}>{code}{below}</div>'


def _parts(block: Block, number: int, output: Shown, path: str) -> list[str]:
    """What came out: text, value, error, figures."""
    said = (("stdout", output.stdout.rstrip() or None), ("value", output.value), ("error", output.error))
    parts = [f'<pre class="cell-{name}">{_text(text)}</pre>' for name, text in said if text is not None]
    check_figures(block, number, output.figures, path)
    for index, (svg, alt) in enumerate(zip(output.figures, block.options.alt, strict=True), 1):
        clean = figure_svg(svg, f"b{number}f{index}-")
        if len(clean) > FIGURE_LIMIT:
            raise BookError(f"figure {index} of block {number} weighs {len(clean) // 1000} KB, the limit is "
                            f"{FIGURE_LIMIT // 1000} KB; draw fewer points or set rasterized=True on the heavy artist",
                            path=path, line=block.line)
        parts.append(f'<div class="cell-figure" role="img" aria-label="{escape(alt)}">{clean}</div>')
    return parts


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


# A block that moves -------------------------------------------------------------------------------------------------


def moving_file(block: Block, move: Move, number: int, output: Output, path: str) -> tuple[str, str]:
    """The path of the file with all states, from the site's root, and its text: a script, since a page that lies in a
    folder may fetch nothing else; it holds the HTML of each state."""
    states = ["".join(_parts(replace(block, options=replace(block.options, alt=(alt,))), number, state, path))
              for alt, state in zip(move.alt, output.states, strict=True)]
    text = f"document.currentScript.states={json.dumps(states, ensure_ascii=False)}"
    _refuse_heavy(text, STATES_GZIPPED, f"the {len(states)} states of block {number} weigh", block, path)
    return _states_name(number, output, path)[0], text


def _states_name(number: int, output: Output, path: str) -> tuple[str, str]:
    """Where the file of a block's states lies, below the site, and what makes its address new with its content."""
    _, language, page = path.removesuffix(".md").split("/", 2)
    return f"{language}/moves/{page.replace('/', '-')}-{number}.js", digest(output.states)[:8]


def _control_html(move: Move, still: int, number: int) -> str:
    """The slider. Without scripts, and on paper, its words and the value of the still are left of it."""
    value, last = escape(value_text(move.values[still])), len(move.values) - 1
    return (f'<div class="cell-move" data-values="{escape(json.dumps(move.values, ensure_ascii=False))}"'
            f' data-search-exclude><label for="move-{number}">{escape(move.words, quote=False)}</label>'
            f'<input id="move-{number}" type="range" max="{last}" value="{still}" aria-valuetext="{value}">'
            f'<output for="move-{number}" aria-live="off">{value}</output></div>')


def _marked(code: str, move: Move) -> str:
    """Highlighted code in which the value that moves can be found."""
    line = rf"((?:^|<code>){re.escape(move.name)} = )(.*?)(?=\s*(?:<span class=\"c1\">.*)?$)"
    return re.sub(line, r"\1<span data-moved>\2</span>", code, count=1, flags=re.MULTILINE)


def _refuse_heavy(text: str, limit: int, what: str, block: Block, path: str) -> None:
    weight = len(compress(text.encode(), 6))
    if weight > limit:
        raise BookError(f"{what} {weight / 1000:.1f} KB gzipped, the limit is {limit // 1000} KB; draw fewer points, "
                        "round them, or show fewer states", path=path, line=block.line)


# Beside cells -------------------------------------------------------------------------------------------------------


def failure_html(message: str) -> str:
    """What `mkdocs serve` shows in place of what could not be made."""
    return f'<div class="cell cell-failure" role="alert"><pre>{escape(message, quote=False)}</pre></div>'


def not_run_html(block: Block) -> str:
    """Code below a failure, under `mkdocs serve`."""
    return f'<div class="cell">{code_html(block.section.code)}</div>'


def text_of(html: str) -> str:
    """What is read of some HTML."""
    return unescape(re.sub(r"<[^>]*>", "", html))

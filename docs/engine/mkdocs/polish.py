"""Finishing touches: on the HTML of a page's text, on finished pages, on scripts and styles. Text in, text out, but for
the files."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from rcssmin import cssmin
from rjsmin import jsmin

from ..source.links import served_folder

_PARTS = re.compile(r"(<[^>]*>)")
_TAG = re.compile(r"<(/?)([\w-]+)([^>]*)>")
_HAN = re.compile(r"[\u3400-\u9fff](?:[\u3400-\u9fff\u3000-\u303f\uff00-\uffef“”·\s]*[\u3400-\u9fff])?")
_PLAIN = {"code", "pre", "svg", "math", "script", "style"}
_VOID = {"br", "hr", "img", "input", "link", "meta", "wbr"}
_LINK = re.compile(r'(<a\b[^>]*\bhref=")((?:\.{1,2}|[\w-]+)(?:/[\w.-]+)*/)((?:#[^"]*)?")')
# What the theme's templates and Python-Markdown write that the Nu HTML checker or axe reports.
MENDS = (
    # Material: a label that cannot be reached by keyboard says so with an empty tabindex.
    (re.compile(r' tabindex=""'), ""),
    # Material: a check box has nothing to complete; book.js closes what Firefox would leave open on a reload.
    (re.compile(r'(<input [^>]*type="checkbox"[^>]*) autocomplete="off"'), r"\1"),
    # Material: the search is a dialog without a name; that of its field serves.
    (re.compile(r'(<div class="md-search"[^>]* role="dialog")(>.*?<input [^>]*?( aria-label="[^"]*"))', re.DOTALL),
     r"\1\3\2"),
    # Python-Markdown: a header cell without text heads nothing.
    (re.compile(r"<th([^>]*)></th>"), r"<td\1></td>"),
    # Python-Markdown: void elements need no slash.
    (re.compile(r"<((?:br|hr|wbr|input)\b[^>]*?) ?/>"), r"<\1>"),
)
_PREFORMATTED = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)
_INDENT = re.compile(r"\s*\n\s*")  # of the templates: a hundredth of a page's weight
MINIFIERS = {".js": jsmin, ".css": cssmin}


def numbered(html: str, number: int) -> str:
    """The page's first heading bears the number that its equations begin with."""
    return re.sub(r"(<h1\b[^>]*>)", rf'\1<span class="chapter-number">{number}</span> ', html, count=1)


def unbroken(html: str) -> str:
    return html.replace("Hung-yi", "Hung\u2011yi")


def chinese_marked(html: str) -> str:
    """Chinese words of an English page, marked as such, but for code and what says its language itself."""
    if not _HAN.search(html):
        return html
    parts, inside = _PARTS.split(html), []  # inside: of each open element whether its text stays as it is
    for i, part in enumerate(parts):
        if tag := _TAG.fullmatch(part):
            closes, name, attributes = tag.groups()
            if closes:
                del inside[-1:]
            elif name not in _VOID and not attributes.endswith("/"):
                kept = name in _PLAIN or " lang=" in attributes
                inside.append(kept or bool(inside) and inside[-1])
        elif not (inside and inside[-1]):
            parts[i] = _HAN.sub(r'<span lang="zh">\g<0></span>', part)
    return "".join(parts)


def flat_links(html: str, page: str) -> str:
    """For the offline copy, which has `loss.html` where the site has `loss/`: links of the engine's own making in the
    `html` of the page, known as "loss" or "labs/index". MkDocs itself sees to those that it writes."""
    here = posixpath.dirname(page)

    def flat(match: re.Match[str]) -> str:
        before, address, rest = match.groups()
        target = posixpath.normpath(posixpath.join(served_folder(page), address))
        file = "index.html" if target == "." else f"{target}.html"
        return f"{before}{posixpath.relpath(file, here or '.')}{rest}"

    return _LINK.sub(flat, html)


def polish(html: str) -> str:
    """A finished page, mended, and without the indentation of the templates."""
    for pattern, mended in MENDS:
        html = pattern.sub(mended, html)
    parts = _PREFORMATTED.split(html)
    parts[::2] = [_INDENT.sub("\n", part) for part in parts[::2]]
    return "".join(parts)


def minify_assets(folder: Path) -> None:
    """Takes comments and spaces out of every script and style sheet of the folder."""
    for file in folder.iterdir():
        if minify := MINIFIERS.get(file.suffix):
            file.write_text(minify(file.read_text("utf-8")), "utf-8", newline="\n")

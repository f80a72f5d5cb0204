"""The book's Markdown, made plain: what Jupyter and Colab show as the page does. Pure: text in, text out.

A new kind of site-only syntax needs one line in a table: INLINE for a mark in a sentence, `Context.directives` for what
stands for a line `::: name`.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from ..formulas.latex import portable
from ..reference.works import CITATION, keys_of
from ..source.inline import LINK, replaced
from ..source.labels import EQREF, LABEL, Label
from ..source.scan import DIRECTIVE, scan

ESCAPED = re.compile(r"\\[\\`$]")
STASHED = re.compile("\ue000(\\d+)\ue001")
# Jupyter takes two dollars for a formula even if they are escaped; in an element of its own a dollar opens none.
DOLLAR = "<span>&#36;</span>"
DEFINED = re.compile(r"^(?P<term>[^\s:].*)\n(?:[ ]*\n)?:[ ]{1,3}(?=\S)", re.MULTILINE)
ATTRIBUTES = re.compile(r"[ \t]*\{(?::|[ \t]*[.#])[^{}\n]*\}")
SPECIAL = re.compile(r"[\\`*_$<|~]")


@dataclass(frozen=True)
class Context:
    """What the conversion needs to know of the book; all of it is part of a notebook's content."""

    page: str  # "loss": path inside the language without suffix
    base: str | None  # address of the language's site, with its last slash; without one, links keep their text only
    labels: Mapping[str, Label] = field(default_factory=dict)
    separator: str = "; "  # between works cited together
    works: Mapping[str, str] = field(default_factory=dict)  # "bridle1990" -> "Bridle 1990"
    directives: Mapping[str, str] = field(default_factory=dict)  # "::: rebuilds" -> Markdown of the page


def plain(text: str, context: Context) -> str:
    """The text without site-only syntax: links lead to the book, equations have their printed numbers."""
    stash: list[str] = []

    def hide(found: str) -> str:
        stash.append(found)
        return f"\ue000{len(stash) - 1}\ue001"

    text = DIRECTIVE.sub(lambda match: context.directives.get(match["text"], ""), text)
    page = scan(text, part=True)
    places = [(code.start, code.end) for code in page.code]
    places += [(page.starts[fence.line - 1], page.starts[fence.end] - 1) for fence in page.fences]
    kept = [(start, end, page.text[start:end]) for start, end in places]
    kept += [(comment.start, comment.end, "") for comment in page.comments]
    for formula in page.formulas:
        shown = portable(page.shown(formula))
        kept.append((formula.start, formula.end, _numbered(shown, context) if formula.display else shown))
    text = replaced(page.text, [(start, end, hide(shown)) for start, end, shown in kept])
    text = ESCAPED.sub(lambda match: hide(DOLLAR if match[0] == r"\$" else match[0]), text)
    for pattern, convert in INLINE:
        text = pattern.sub(lambda match, convert=convert: convert(match, context), text)
    text = DEFINED.sub(lambda match: f"* **{match['term'].rstrip()}**: ", text)  # only the site knows definition lists
    text = mend_emphasis(ATTRIBUTES.sub("", text))
    text = STASHED.sub(lambda match: stash[int(match[1])], text)
    return re.sub(r"\n(?:[ \t]*\n){2,}", "\n\n", text).strip("\n")


def literal(text: str) -> str:
    """A text as Markdown that shows it as it is."""
    return SPECIAL.sub(lambda match: f"\\{match[0]}", text)


def address(target: str, context: Context) -> str | None:
    """Where in the book a link of the page's source leads, such as `loss.md#mae`."""
    if context.base is None:
        return None
    path, sign, fragment = target.partition("#")
    file = posixpath.normpath(posixpath.join(posixpath.dirname(context.page), path)) if path else f"{context.page}.md"
    if file.endswith(".md"):
        folder, name = posixpath.split(file.removesuffix(".md"))
        file = posixpath.join(folder, "" if name == "index" else f"{name}/")
    return f"{urljoin(context.base, file)}{sign}{fragment}"


def _numbered(formula: str, context: Context) -> str:
    """A display formula that prints its number."""
    return LABEL.sub(lambda match: rf"\tag{{{_number(match[1], context)}}}", formula)


def _number(name: str, context: Context) -> str:
    return context.labels[name].number if name in context.labels else "?"


def _equation(match: re.Match[str], context: Context) -> str:
    """Here the number is in sight; on another page it is a link."""
    text, label = f"({_number(match['name'], context)})", context.labels.get(match["name"])
    if label is None or label.page == context.page:
        return text
    return _linked(text, f"/{label.page}.md#{label.anchor}", context)


def _citation(match: re.Match[str], context: Context) -> str:
    works = [_linked(context.works.get(key, key), f"/bibliography.md#{key}", context) for key in keys_of(match)]
    return context.separator.join(works)


def _link(match: re.Match[str], context: Context) -> str:
    if ":" in match["target"]:
        return match[0]  # it has a scheme, so it leads there from anywhere
    return _linked(match["text"], match["target"], context)


def _linked(text: str, target: str, context: Context) -> str:
    """A link into the book; a target that begins with `/` is meant from the language's folder."""
    if target.startswith("/"):
        target = posixpath.relpath(target, f"/{posixpath.dirname(context.page)}")
    found = address(target, context)
    return text if found is None else f"[{text}]({found})"


def mend_emphasis(text: str) -> str:
    """The text with those pairs of `**` and `*` as tags that CommonMark would leave as they are.

    Python-Markdown takes `**重点：**正文` for bold, Jupyter and Colab do not: for them a mark between punctuation and a
    letter neither opens nor closes. Code and formulas are to be stashed between characters of private use, which count
    as punctuation.
    """
    for tag, mark in (("strong", r"\*\*"), ("em", r"\*")):
        pair = rf"(?<![\\*]){mark}(?![\s*])(?P<text>(?:(?!\n[ \t]*\n).)+?)(?<![\s\\*]){mark}(?!\*)"
        text = re.sub(pair, lambda match, tag=tag: _mended(match, tag), text, flags=re.DOTALL)
    return text


def _mended(match: re.Match[str], tag: str) -> str:
    before, after = match.string[: match.start()][-1:] or " ", match.string[match.end() :][:1] or " "
    inner = match["text"]
    opens = not _is_punctuation(inner[0]) or before.isspace() or _is_punctuation(before)
    closes = not _is_punctuation(inner[-1]) or after.isspace() or _is_punctuation(after)
    return match[0] if opens and closes else f"<{tag}>{inner}</{tag}>"


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS" or unicodedata.category(character) == "Co"


# In this order: what a converter makes is read by those that follow.
INLINE: list[tuple[re.Pattern[str], Callable[[re.Match[str], Context], str]]] = [
    (EQREF, _equation),
    (CITATION, _citation),
    (re.compile(rf"\[(?P<text>(?:[^\[\]\\]|\\.)*){LINK.pattern}"), _link),
]

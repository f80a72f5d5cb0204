"""Finishing touches on a page's HTML: its number, the language of foreign words, hyphens that do not break. Pure."""

from __future__ import annotations

import re

_PARTS = re.compile(r"(<[^>]*>)")
_TAG = re.compile(r"<(/?)([\w-]+)([^>]*)>")
_HAN = re.compile(r"[\u3400-\u9fff](?:[\u3400-\u9fff\u3000-\u303f\uff00-\uffef“”·\s]*[\u3400-\u9fff])?")
_PLAIN = {"code", "pre", "svg", "math", "script", "style"}
_VOID = {"br", "hr", "img", "input", "link", "meta", "wbr"}


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

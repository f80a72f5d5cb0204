"""Cuts the theme's style sheet down to what the built pages can use: a good half of it is for parts that they lack.

Pure: text in, text out. A rule goes if its selector names a class that stands in no page and no script, or the other
writing direction; then a custom property goes if nothing reads it. What cannot be judged so stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence

import tinycss2
from tinycss2.ast import QualifiedRule

NESTING = ("media", "supports")
_CLASSES = re.compile(r'\sclass="([^"]*)"')
_WORD = re.compile(r"[\w-]+")
_READ = re.compile(r"var\(\s*(--[\w-]+)")


def classes(html: str) -> set[str]:
    """The classes of a page's elements."""
    return {name for value in _CLASSES.findall(html) for name in value.split()}


def words(script: str) -> set[str]:
    """All that could be the name of a class in a script."""
    return set(_WORD.findall(script))


def used_styles(css: str, names: Collection[str], beside: str = "") -> str:
    """The rules of `css` that elements with these classes can match; `beside` are other texts that read properties."""
    css = _rewritten(css, lambda rule: _with_selectors(rule, names))
    while len(shorter := _without_unread(css, beside)) < len(css):
        css = shorter
    return css


def _without_unread(css: str, beside: str) -> str:
    read = set(_READ.findall(css + beside))
    return _rewritten(css, lambda rule: _with_declarations(rule, read))


def _rewritten(css: str, write: Callable[[QualifiedRule], str]) -> str:
    """The style sheet with each rule as `write` gives it; a block in which nothing is left goes too."""
    return "".join(_rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), write))


def _rules(rules: Sequence, write: Callable[[QualifiedRule], str]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "error":
            raise ValueError(f"not CSS, at line {rule.source_line}: {rule.message}")
        if rule.type == "qualified-rule":
            yield write(rule)
        elif rule.lower_at_keyword in NESTING:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            if kept := "".join(_rules(inner, write)):
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{kept}}}"
        else:
            yield rule.serialize()


def _with_selectors(rule: QualifiedRule, names: Collection[str]) -> str:
    kept = [selector for selector in _selectors(rule.prelude) if _can_match(selector, names)]
    return f"{','.join(map(tinycss2.serialize, kept))}{{{tinycss2.serialize(rule.content)}}}" if kept else ""


def _with_declarations(rule: QualifiedRule, read: Collection[str]) -> str:
    parts = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
    kept = [part.serialize() for part in parts
            if part.type != "declaration" or not part.name.startswith("--") or part.name in read]
    return f"{tinycss2.serialize(rule.prelude)}{{{';'.join(kept)}}}" if kept else ""


def _selectors(prelude: Sequence) -> list[list]:
    """A list of selectors, split at its commas."""
    found: list[list] = [[]]
    for token in prelude:
        if token == ",":
            found.append([])
        else:
            found[-1].append(token)
    return found


def _can_match(selector: Sequence, names: Collection[str]) -> bool:
    """Whether each class is known. What stands within `:not(…)` is one token, and not looked into."""
    for before, token in zip([None, *selector], selector, strict=False):
        if before == "." and token.type == "ident" and token.value not in names:
            return False
        if token.type == "[] block" and tinycss2.serialize(token.content).replace('"', "") == "dir=rtl":
            return False
    return True

"""Cuts the theme's style sheet down to what the built pages can use: a good half of it is for parts that they lack.

Pure: text in, text out. A rule goes if its selector names a class that stands in no page and no script, or the other
writing direction; then a custom property goes if nothing reads it. What cannot be judged so stays.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

import tinycss2

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
    css = "".join(_rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), names))
    while len(shorter := _without_unread(css, beside)) < len(css):
        css = shorter
    return css


def _rules(rules: Sequence, names: Collection[str]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "error":
            raise ValueError(f"not CSS, at line {rule.source_line}: {rule.message}")
        if rule.type == "qualified-rule":
            kept = [selector for selector in _selectors(rule.prelude) if _can_match(selector, names)]
            if kept:
                yield f"{','.join(map(tinycss2.serialize, kept))}{{{tinycss2.serialize(rule.content)}}}"
        elif rule.lower_at_keyword in NESTING:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            if kept := "".join(_rules(inner, names)):
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{kept}}}"
        else:
            yield rule.serialize()


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


def _without_unread(css: str, beside: str) -> str:
    read = set(_READ.findall(css + beside))
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return "".join(_declarations(rules, read))


def _declarations(rules: Sequence, read: Collection[str]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "qualified-rule":
            parts = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
            kept = [part.serialize() for part in parts
                    if part.type != "declaration" or not part.name.startswith("--") or part.name in read]
            if kept:
                yield f"{tinycss2.serialize(rule.prelude)}{{{';'.join(kept)}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword in NESTING:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            if kept := "".join(_declarations(inner, read)):
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{kept}}}"
        else:
            yield rule.serialize()

"""Keeps an inline formula on one line with the punctuation that touches it.

Chromium breaks a line between a formula and the comma behind it, in Chinese and in English text alike.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

_CLOSING = re.compile(r"[-–,.;:!?%)\]}\"'’”»、。，．；：？！）】》〉」』〕…]+")
_OPENING = re.compile(r"[(\[{\"'‘“«（【《〈「『〔]+$")


def attach_punctuation(root: Element, formula_class: str) -> None:
    """Move punctuation that touches an inline formula into the formula's element, which does not wrap."""
    for parent in root.iter():
        before: Element | None = None
        for child in parent:
            if child.get("class") == formula_class:
                child.text = _take_opening(parent, before) + (child.text or "") + _take_closing(child)
            before = child


def _take_opening(parent: Element, before: Element | None) -> str:
    text = (parent.text if before is None else before.tail) or ""
    match = _OPENING.search(text)
    if match is None:
        return ""
    if before is None:
        parent.text = text[: match.start()]
    else:
        before.tail = text[: match.start()]
    return match[0]


def _take_closing(element: Element) -> str:
    match = _CLOSING.match(element.tail or "")
    if match is None:
        return ""
    element.tail = element.tail[match.end() :]
    return match[0]

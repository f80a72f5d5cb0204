"""Keeps an inline formula on one line with the punctuation that touches it, and lets lines break elsewhere.

Chromium and WebKit break a line between a formula and the comma behind it; Firefox breaks nowhere in a row of
formulas that only Chinese commas part.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

_CLOSING = re.compile(r"[-–,.;:!?%)\]}\"'’”»、。，．；：？！）】》〉」』〕…]+")
_OPENING = re.compile(r"[(\[{\"'‘“«（【《〈「『〔]+$")


def attach_punctuation(root: Element) -> None:
    """Move punctuation that touches an inline formula (class "math …") into its unbreakable element."""
    for parent in list(root.iter()):
        before: Element | None = None
        for child in list(parent):
            if _is_formula(child):
                child.text = _take_opening(parent, before) + (child.text or "") + _take_closing(child)
                if before is not None and _is_formula(before) and not before.tail:
                    parent.insert(list(parent).index(child), Element("wbr"))
            before = child


def _is_formula(element: Element) -> bool:
    return (element.get("class") or "").startswith("math")


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
    element.tail = match.string[match.end() :]
    return match[0]

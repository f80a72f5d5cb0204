"""What the search plugin reads of a page: its words. Drawings and the marks of formulas and code are taken off before,
for the plugin's parser takes longer over them than over all else. Entries of the reference pages become sections of
their own: the plugin makes a section of each heading with an anchor."""

from __future__ import annotations

import re

_DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
_SPAN = re.compile(r"</?span\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")
_ENTRY = re.compile(r'<dt id="([^"]+)">(.*?)</dt>', re.DOTALL)
_ROW = re.compile(r'<td id="([^"]+)">(.*?)</td>\s*<td>(.*?)</td>', re.DOTALL)
_ASIDE = re.compile(r"<small>.*?</small>")


def searchable(html: str) -> str:
    """`html` without drawings, each formula as its text, each entry and row below a heading."""
    text = _FORMULA.sub(lambda formula: _TAG.sub("", formula[0]), _SPAN.sub("", _DRAWING.sub("", html)))
    text = _ENTRY.sub(lambda entry: f'<h3 id="{entry[1]}">{_ASIDE.sub("", entry[2])}</h3>', text)
    return _ROW.sub(r'<h3 id="\1">\2 \3</h3>', text)

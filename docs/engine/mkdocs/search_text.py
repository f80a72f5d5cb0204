"""What the search plugin reads of a page: its words. Drawings and the marks of formulas are taken off before, for the
plugin's parser takes longer over them than over all else."""

from __future__ import annotations

import re

_DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def searchable(html: str) -> str:
    """`html` without drawings, each formula as its text."""
    return _FORMULA.sub(lambda formula: _TAG.sub("", formula[0]), _DRAWING.sub("", html))

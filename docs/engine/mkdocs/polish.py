"""Mends, in finished pages, what the theme's templates and Python-Markdown write that is not valid HTML.

Pure: text in, text out. Each of MENDS is a slip that the Nu HTML checker or axe reports.
"""

from __future__ import annotations

import re

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


def polish(html: str) -> str:
    for pattern, mended in MENDS:
        html = pattern.sub(mended, html)
    parts = _PREFORMATTED.split(html)
    parts[::2] = [_INDENT.sub("\n", part) for part in parts[::2]]
    return "".join(parts)

"""Links of the engine's own making, in the offline copy: it has `loss.html` where the site has `loss/`.

Pure: text in, text out. MkDocs itself sees to the links that it writes.
"""

from __future__ import annotations

import posixpath
import re

from ..source.files import served_folder

_LINK = re.compile(r'(<a\b[^>]*\bhref=")((?:\.{1,2}|[\w-]+)(?:/[\w.-]+)*/)((?:#[^"]*)?")')


def flat_links(html: str, page: str) -> str:
    """`html` of the page, known as "loss" or "labs/index", with links to files in place of links to folders."""
    here = posixpath.dirname(page)

    def flat(match: re.Match[str]) -> str:
        before, address, rest = match.groups()
        target = posixpath.normpath(posixpath.join(served_folder(page), address))
        file = "index.html" if target == "." else f"{target}.html"
        return f"{before}{posixpath.relpath(file, here or '.')}{rest}"

    return _LINK.sub(flat, html)

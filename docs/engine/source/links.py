"""Links from one page to another. Pages are named "loss" or "labs/index", by their path in the language's folder
without suffix."""

from __future__ import annotations

import posixpath


def page_url(page: str, target: str) -> str:
    """Relative URL of one page seen from another; "" for the page itself."""
    return "" if page == target else posixpath.relpath(served_folder(target), served_folder(page)) + "/"


def source_link(page: str, target: str) -> str:
    """Link from one page's file to another's, which MkDocs checks and turns into a URL."""
    return posixpath.relpath(target, posixpath.dirname(page) or ".") + ".md"


def served_folder(page: str) -> str:
    """Folder of the site in which the page is served, with directory URLs."""
    return (posixpath.dirname(page) or ".") if posixpath.basename(page) == "index" else page

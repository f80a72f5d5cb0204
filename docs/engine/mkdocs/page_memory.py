"""What the pages of one language were rendered to, kept by content: an edit renders one page, and not all of them.

A page comes from memory if its own text, code, results and symbols are as they were, and all that pages have in common.
What is new is kept when the build has ended well, for a page comes from memory without its warnings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, get_toc

from ..run.cache import Cache, digest


@dataclass
class Rendered:
    """One page: what MkDocs keeps in it when it is rendered, and what the search knows of it."""

    html: str = ""
    title: Any = None
    toc: list[Any] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)  # ids that links may lead to
    links: dict[str, dict[str, str]] = field(default_factory=dict)  # anchors, by the path of the file they are in
    entries: list[dict] = field(default_factory=list)  # of the search index


class PageMemory:
    def __init__(self, cache: Cache) -> None:
        self.cache = cache

    def begin(self, common: object) -> None:
        """A build begins; `common` is what any page may depend on."""
        self.common = digest(common)
        self.recalled: dict[str, Rendered] = {}  # by page path
        self.rendered: dict[str, tuple[str, Rendered]] = {}  # with their keys

    def recalls(self, path: str, own: object) -> bool:
        """Whether the page would come out as it did; if not, it is to be rendered. `own`: what it depends on alone."""
        key = digest([self.common, path, own])
        found = self.cache.get(key)
        if found is None:
            self.rendered[path] = key, Rendered()
        else:
            self.recalled[path] = Rendered(**found)
        return path in self.recalled

    def content(self, path: str, page: Page, html: str, files: Files) -> str:
        """The page's HTML: what it was rendered to, or, if it was rendered from no text, what it was before."""
        if path in self.rendered:
            known = self.rendered[path][1]
            known.html, known.title, known.toc = html, page.title, _tokens(page.toc)
            known.anchors = sorted(page.present_anchor_ids or ())
            known.links = {file.src_uri: anchors for file, anchors in (page.links_to_anchors or {}).items()}
            return html
        known = self.recalled[path]
        page.toc, page.present_anchor_ids = get_toc(known.toc), set(known.anchors)
        setattr(page, "title", known.title)  # noqa: B010 - MkDocs' own kind of property
        targets = {files.get_file_from_path(uri): anchors for uri, anchors in known.links.items()}
        page.links_to_anchors = {file: anchors for file, anchors in targets.items() if file}
        return known.html

    def search(self, path: str, entries: list[dict], before: int) -> None:
        """After the search has read the page: takes note of its entries, those from `before` on, or adds them."""
        if path in self.recalled:
            entries.extend(self.recalled[path].entries)
        else:
            self.rendered[path][1].entries = entries[before:]

    def keep(self) -> None:
        """The build has ended well: what it rendered is what the pages are."""
        for key, page in self.rendered.values():
            self.cache.put(key, page)


def _tokens(links: Iterable[AnchorLink]) -> list[dict]:
    """A table of contents as Python-Markdown gives it, which MkDocs can read again."""
    return [{"name": link.title, "id": link.id, "level": link.level, "children": _tokens(link.children)}
            for link in links]

"""Under `mkdocs serve`: what a language's process remembers of its pages, so that an edit renders one page and not all.

A page is taken from memory if its own text, results and symbols are as they were, and all that pages have in common.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import TableOfContents


@dataclass
class Rendered:
    """One page: what MkDocs keeps in it when it is rendered, and what the search knows of it."""

    key: object
    content: str
    toc: TableOfContents
    title: str | None
    anchors: set[str] | None
    links: dict[str, dict[str, str]]  # by the path of the file that is linked to
    entries: list[dict] | None = None  # of the search index


@dataclass
class PageMemory:
    common: object = None
    pages: dict[str, Rendered] = field(default_factory=dict)

    def begin(self, common: object) -> None:
        """A build begins; `common` is what any page may depend on."""
        if common != self.common:
            self.pages.clear()
        self.common = common

    def recall(self, path: str, key: object) -> Rendered | None:
        found = self.pages.get(path)
        return found if found and found.entries is not None and found.key == key else None

    def keep(self, path: str, key: object, page: Page, content: str) -> Rendered:
        links = {file.src_uri: anchors for file, anchors in (page.links_to_anchors or {}).items()}
        self.pages[path] = Rendered(key, content, page.toc, page.title, page.present_anchor_ids, links)
        return self.pages[path]


def put_into(page: Page, rendered: Rendered, files: Files) -> None:
    """Gives a page, rendered from no text, what it had when it was rendered from its own."""
    page.toc, page.title, page.present_anchor_ids = rendered.toc, rendered.title, rendered.anchors
    targets = {files.get_file_from_path(path): anchors for path, anchors in rendered.links.items()}
    page.links_to_anchors = {file: anchors for file, anchors in targets.items() if file}

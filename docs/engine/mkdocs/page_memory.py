"""Under `mkdocs serve`: what a language's process remembers of its pages, so that an edit renders one page and not all.

A page comes from memory if its own text, results and symbols are as they were, and all that pages have in common. The
memory of a build that is not followed by another is empty, and nothing comes from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page


@dataclass
class Rendered:
    """One page: what MkDocs keeps in it when it is rendered, and what the search knows of it."""

    key: object  # of what the page depends on alone
    html: str = ""
    attributes: dict[str, object] = field(default_factory=dict)
    links: dict[str, dict[str, str]] = field(default_factory=dict)  # anchors, by the path of the file they are in
    entries: list[dict] | None = None  # of the search index; None: the page was not finished


ATTRIBUTES = ("toc", "title", "present_anchor_ids")


@dataclass
class PageMemory:
    common: object = None
    pages: dict[str, Rendered] = field(default_factory=dict)
    recalled: set[str] = field(default_factory=set)  # the pages that this build takes from here

    def begin(self, common: object) -> None:
        """A build begins; `common` is what any page may depend on."""
        if common != self.common:
            self.pages.clear()
        self.common = common
        self.recalled.clear()

    def recalls(self, path: str, key: object) -> bool:
        """Whether the page would come out as it did; if not, it is to be rendered and remembered."""
        found = self.pages.get(path)
        if found and found.entries is not None and found.key == key:
            self.recalled.add(path)
            return True
        self.pages[path] = Rendered(key)
        return False

    def content(self, path: str, page: Page, html: str, files: Files) -> str:
        """The page's HTML: what it was rendered to, or, if it was rendered from no text, what it was before."""
        known = self.pages[path]
        if path not in self.recalled:
            known.html, known.attributes = html, {name: getattr(page, name) for name in ATTRIBUTES}
            known.links = {file.src_uri: anchors for file, anchors in (page.links_to_anchors or {}).items()}
            return html
        for name, value in known.attributes.items():
            setattr(page, name, value)
        targets = {files.get_file_from_path(uri): anchors for uri, anchors in known.links.items()}
        page.links_to_anchors = {file: anchors for file, anchors in targets.items() if file}
        return known.html

    def search(self, path: str, entries: list[dict], before: int) -> None:
        """After the search has read the page: takes note of its entries, those from `before` on, or adds them."""
        if path in self.recalled:
            entries.extend(self.pages[path].entries or ())
        else:
            self.pages[path].entries = entries[before:]

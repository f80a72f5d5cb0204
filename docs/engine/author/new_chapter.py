"""A new chapter: both pages, snippet, test and its place in the nav, made from the files in `template/`.

What is made is whole: it builds, passes its tests and the comparison of twins; from there an author changes it.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from ..book.nav import with_chapter
from ..source.errors import BookError
from ..source.files import read_text

TEMPLATE = Path(__file__).parent / "template"
NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class Chapter:
    """What its author says of it. `page` is the name of its files, with `-`."""

    page: str
    zh: str | None = None  # titles
    en: str | None = None
    after: str | None = None  # the chapter before it; None for the last

    @property
    def module(self) -> str:
        return self.page.replace("-", "_")


def new_chapter(root: Path, chapter: Chapter) -> dict[str, str]:
    """The files to write: text by path, relative to `root`. BookError if the name will not do or is taken."""
    if not NAME.fullmatch(chapter.page):
        raise BookError(f"{chapter.page!r} does not name a chapter; use small English letters, digits and hyphens, "
                        "a letter first, such as 'batch-size'")
    if chapter.module in sys.stdlib_module_names or chapter.module in ("numpy", "matplotlib", "sklearn", "book_engine"):
        raise BookError(f"snippets/{chapter.module}.py would stand before Python's own module {chapter.module!r}; "
                        "choose another name")
    made = {}
    for path, name, title, given in (
            (f"docs/zh/{chapter.page}.md", "page.zh.md", "新的一章", chapter.zh),
            (f"docs/en/{chapter.page}.md", "page.en.md", "The title of a new chapter", chapter.en),
            (f"snippets/{chapter.module}.py", "new_chapter.py", "", None),
            (f"tests/chapters/test_{chapter.module}.py", "test_new_chapter.py", "", None)):
        if (root / path).exists():
            raise BookError("is there already; choose another name for the new chapter", path=path)
        text = read_text(TEMPLATE / name, name)
        if given:
            text = text.replace(f"# {title} {{#", f"# {given.strip()} {{#")
        made[path] = text.replace("new-chapter", chapter.page).replace("new_chapter", chapter.module)
    config = read_text(root / "mkdocs.yml", "mkdocs.yml")
    return made | {"mkdocs.yml": with_chapter(config, chapter.page, chapter.after)}

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
TITLES = {"page.zh.md": "# 新的一章 {#", "page.en.md": "# The title of a new chapter {#"}


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
    places = {
        "page.zh.md": f"docs/zh/{chapter.page}.md",
        "page.en.md": f"docs/en/{chapter.page}.md",
        "new_chapter.py": f"snippets/{chapter.module}.py",
        "test_new_chapter.py": f"tests/chapters/test_{chapter.module}.py",
    }
    _check_name(chapter)
    for path in places.values():
        if (root / path).exists():
            raise BookError("is there already; choose another name for the new chapter", path=path)
    config = with_chapter(read_text(root / "mkdocs.yml", "mkdocs.yml"), chapter.page, chapter.after)
    made = {path: _filled(name, chapter) for name, path in places.items()}
    return made | {"mkdocs.yml": config}


def _check_name(chapter: Chapter) -> None:
    if not NAME.fullmatch(chapter.page):
        raise BookError(f"{chapter.page!r} does not name a chapter; use small English letters, digits and hyphens, "
                        "a letter first, such as 'batch-size'")
    if chapter.module in sys.stdlib_module_names or chapter.module in ("numpy", "matplotlib", "sklearn", "book_engine"):
        raise BookError(f"snippets/{chapter.module}.py would stand before Python's own module {chapter.module!r}; "
                        "choose another name")


def _filled(name: str, chapter: Chapter) -> str:
    text = read_text(TEMPLATE / name, name)
    title = {"page.zh.md": chapter.zh, "page.en.md": chapter.en}.get(name)
    if title:
        text = text.replace(TITLES[name], f"# {title.strip()} {{#")
    return text.replace("new-chapter", chapter.page).replace("new_chapter", chapter.module)

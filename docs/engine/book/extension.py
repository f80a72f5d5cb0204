"""The book as the Markdown extension needs it, and the extension by its name: for Zensical, or any text.

    >>> markdown.markdown("One and one is `{python} 1 + 1`.", extensions=["pymdownx.arithmatex", "book"])
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from threading import Lock
from typing import TypeVar

import yaml
from markdown import Markdown

from ..markdown.context import BookContext
from ..markdown.extension import BookExtension
from ..run.pool import Pool
from ..run.results import Result, results_for
from ..source.errors import BookError
from ..source.files import read_text, stamps
from ..source.page import Page
from .book import Book, Prepared, open_cache, prepare
from .nav import Loader, chapters

T = TypeVar("T")
LOADING = Lock()  # Zensical renders pages side by side
READ = ("mkdocs.yml", "docs", "snippets")


def context_of(prepared: Prepared, book: Book, language: str, show_errors: bool = False) -> BookContext:
    """What the pages of one language need of the prepared book."""
    return BookContext(
        root=book.root, language=language, show_errors=show_errors, labels=prepared.labels.get(language, {}),
        results=of_language(prepared.results, language), symbols=of_language(prepared.symbols, language),
        errors={error.path: error for error in reversed(prepared.errors) if error.path},
        reference=prepared.reference and prepared.reference.of(language),
        data_error=next((str(error) for error in prepared.errors if (error.path or "").startswith("docs/data/")), None))


def of_language(found: Mapping[str, T], language: str) -> dict[str, T]:
    """What there is for the pages of one language, by page path."""
    return {path: value for path, value in found.items() if path.startswith(f"docs/{language}/")}


class LoadedExtension(BookExtension):
    """Loads the book itself, when a Markdown instance is made: from where Zensical says, else from its options."""

    def __init__(self, **config: str) -> None:
        super().__init__(BookContext())
        self.config = {"root_dir": [".", "The folder with mkdocs.yml, docs and snippets"],
                       "docs_dir": ["docs/en", "The folder of the language"]}
        self.setConfigs(config)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        zensical = "rendering_context" in md.preprocessors
        said = attrgetter("config")(md.preprocessors["rendering_context"]) if zensical else self.getConfigs()
        root = Path(said["root_dir"]).resolve()
        with LOADING:
            self.book = loaded(root, Path(said["docs_dir"]).name, tuple(stamps(root, *READ).items()))
        super().extendMarkdown(md)


makeExtension = LoadedExtension  # noqa: N816 - Python-Markdown's name


@functools.lru_cache(maxsize=1)
def loaded(root: Path, language: str, stamps: tuple) -> BookContext:
    """The book in the folder, run; again when something in it has changed. BookError with all that is wrong."""
    if not (root / "mkdocs.yml").is_file():
        raise BookError("the Markdown extension 'book' finds no mkdocs.yml here; set its option root_dir to the folder "
                        "of the book", path=root)
    book, config = Book(root), yaml.load(read_text(root / "mkdocs.yml", "mkdocs.yml"), Loader)

    def run(page: Page) -> Result:
        with Pool() as pool:
            return results_for([page], book.setting(), open_cache(book), pool)[page.path]

    with Pool() as pool:
        prepared = prepare(book, list(config["extra"]["languages"]), chapters(config["nav"]), open_cache(book), pool)
    if prepared.errors:
        raise BookError("\n".join(str(error) for error in prepared.errors))
    return replace(context_of(prepared, book, language), run=run)

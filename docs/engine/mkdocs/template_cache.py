"""Templates as the build needs them: kept compiled between builds, for compiling them takes a third of a build in which
nothing changed; and listed without folders that start with a dot, which MkDocs lists and leaves out: Material has ten
thousand icons in one."""

from __future__ import annotations

import os
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket
from mkdocs.theme import Theme

from ..book.book import Book


class TemplateCache(jinja2.BytecodeCache):
    """The book's cache knows a damaged entry; Jinja's own would run it as it is."""

    def __init__(self, book: Book) -> None:
        self.cache = book.kept(f"templates/jinja-{jinja2.__version__}")

    def load_bytecode(self, bucket: Bucket) -> None:
        if (content := self.cache.get_bytes(bucket.key)) is not None:
            bucket.bytecode_from_string(content)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.cache.put_bytes(bucket.key, bucket.bytecode_to_string())


class SeenTemplates(jinja2.FileSystemLoader):
    """The loader of MkDocs, which asks it what files a theme has."""

    def list_templates(self) -> list[str]:
        found = set()
        for root in self.searchpath:
            for folder, folders, files in os.walk(root):
                folders[:] = [name for name in folders if not name.startswith(".")]
                found |= {Path(folder, name).relative_to(root).as_posix() for name in files}
        return sorted(found)


def list_what_is_seen(theme: Theme) -> None:
    """For the next environment that MkDocs makes of the theme."""
    made = theme.get_env

    def get_env() -> jinja2.Environment:
        environment = made()
        environment.loader = SeenTemplates(theme.dirs)
        return environment

    theme.get_env = get_env

"""One process per language, which builds that language's site whenever it is asked to: MkDocs' own build with the
language's settings.

The process is made with the first build, before MkDocs' server starts its threads, so that forking is safe; it lives
as long as the build or the server does.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import traceback
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, ConfigurationError
from mkdocs.utils import CountHandler
from mkdocs.utils.yaml import yaml_load

from ..book.book import Book
from ..book.site_files import card_files
from ..run.pool import end_with_parent
from ..source.errors import BookError
from ..source.files import read_text, write_files
from .language import LanguagePlugin, Task
from .messages import name_places


@dataclass
class Report:
    """What became of it: characters that its formulas use, or why there is no site."""

    characters: set[str] = field(default_factory=set)
    error: str | None = None


class LanguageProcess:
    def __init__(self) -> None:
        # Forked on Linux, where MkDocs is then loaded already; elsewhere, where forking is not safe, a new interpreter.
        fork = sys.platform == "linux"
        context = multiprocessing.get_context("fork") if fork else multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, self.connection, os.getpid()), daemon=True)
        self.process.start()
        theirs.close()
        self.busy = False

    def start(self, task: Task) -> None:
        """Begins a build; `finish` waits for it."""
        if self.busy:  # the root build ended before it took the last report
            self.finish()
        self.connection.send(task)
        self.busy = True

    def finish(self) -> Report:
        self.busy = False
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            return Report(error=f"the process that builds this language died (exit status {self.process.exitcode})")

    def alive(self) -> bool:
        return self.process.is_alive()

    def close(self) -> None:
        self.connection.close()
        self.process.terminate()
        self.process.join()


def _serve(connection: Connection, parents_end: Connection, parent: int) -> None:
    end_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it at once; the parent says what happened
    parents_end.close()  # so that the end of the parent is seen here as the end of the input
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        try:
            report = build_language(task)
        except Exception:
            report = Report(error=traceback.format_exc())
        connection.send(report)


def build_language(task: Task) -> Report:
    """Builds `site/<language>/`. Errors come back as text: the exceptions of MkDocs do not travel well."""
    book = task.book
    plugin = LanguagePlugin(task)
    folder = book.root / "docs" / book.language
    name_places(folder, f"docs/{book.language}")
    logging.getLogger("mkdocs.commands.build").setLevel(logging.WARNING)  # the root build says that all is built
    warnings = CountHandler()
    warnings.setLevel(logging.WARNING)
    logging.getLogger("mkdocs").addHandler(warnings)
    try:
        config = load_config(task.config_file, docs_dir=str(folder), strict=task.strict,
                             site_dir=task.site_dir, site_url=task.site_url, use_directory_urls=True,
                             plugins=_other_plugins(task))
        config.plugins["book"] = plugin
        config.plugins.on_startup(command="serve" if book.show_errors else "build", dirty=False)
        build(config)
        config.plugins.on_shutdown()
        if task.draws_cards:
            mark = read_text(book.root / "docs" / "assets" / "logo.svg", "docs/assets/logo.svg")
            write_files(Path(task.site_dir).parent, card_files(task.figures, mark, Book(book.root).kept("cards")))
        if not warnings.get_counts():
            plugin.memory.keep()
    except BookError as error:
        return Report(error=str(error))
    except (Abort, ConfigurationError) as error:
        return Report(error=f"docs/{book.language}: {error}")
    finally:
        logging.getLogger("mkdocs").removeHandler(warnings)
    return Report(plugin.characters)


def _other_plugins(task: Task) -> list:
    """The plugins of mkdocs.yml, with their options if they have any, without the one that builds the root."""
    with open(task.config_file, "rb") as file:
        return [entry for entry in yaml_load(file)["plugins"] if entry != "book"]

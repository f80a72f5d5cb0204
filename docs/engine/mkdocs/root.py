"""The root build: runs what has to run, then has both languages built side by side, then the shared parts."""

from __future__ import annotations

import json
import logging
import os
import tempfile
import time
from pathlib import Path

from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.utils import CountHandler

from ..book import runtime
from ..book.book import Book, Prepared, open_cache, prepare, statistics
from ..book.cards import first_figures
from ..book.extension import context_of, of_language
from ..book.moves import moving_files
from ..book.nav import chapters, labs
from ..book.notebooks import editions_of, notebook_files
from ..formulas.mathfont import subset_math_font
from ..run import versions
from ..run.cache import Cache, switched_off
from ..run.pool import Pool
from ..source.errors import BookError
from ..source.files import write_files
from . import staging
from .language import Task
from .minify import minify_assets
from .progress import Progress
from .template_cache import list_what_is_seen, template_cache
from .workers import LanguageProcess

log = logging.getLogger("mkdocs.book")
NOT_OF_THE_ROOT = ("zh/", "en/", "data/", "engine/", "overrides/")


class BookPlugin(BasePlugin):
    """The MkDocs events of the root build (`book` in mkdocs.yml). One object serves all builds of a `mkdocs serve`."""

    def __init__(self) -> None:
        super().__init__()
        self.serving = False
        self.pool = Pool()
        self.workers: dict[str, LanguageProcess] = {}
        self.tasks: dict[str, Task] = {}
        self.prepared = Prepared()
        self.began = 0.0
        self.target: Path | None = None  # under `mkdocs serve` the site is written where it is served
        self.staged: Path | None = None

    def on_startup(self, command: str, dirty: bool) -> None:
        self.serving = command == "serve"

    def on_config(self, config):
        self.nav, config.nav = config.nav or [], None
        self.book = Book(Path(config.config_file_path).resolve().parent)  # anew for each build
        list_what_is_seen(config.theme)
        config.extra |= {"language": "", "serving": self.serving}
        if not self.serving:
            self.target = Path(config.site_dir).resolve()
            self.staged = staging.new_folder(self.target)
            config.site_dir = str(self.staged)
        return config

    def on_pre_build(self, config) -> None:
        self.began = time.monotonic()
        book = self.book
        languages = list(config.extra["languages"])
        try:
            with Progress() as watch:
                self.prepared = prepare(book, languages, chapters(self.nav), open_cache(book), self.pool, watch)
        except BookError as error:
            raise PluginError(str(error)) from None  # of the whole book, so no page could show it
        self._complain(self.prepared.errors)
        config.extra["cards"] = {page: alt for page, (_, alt) in first_figures(self.prepared, languages[0]).items()}
        edition = versions.edition(book.root)
        self.tasks = {language: self._task(config, language, edition) for language in languages}

    def on_files(self, files, config):
        for file in list(files):
            if file.src_uri.startswith(NOT_OF_THE_ROOT):
                files.remove(file)
        self._start_languages(config)  # beside the root's own pages; site/ has been emptied by now
        return files

    def on_env(self, env, config, files):
        env.bytecode_cache = template_cache(self.book.root)
        return env

    @event_priority(-100)  # when all else is written
    def on_post_build(self, config) -> None:
        # While the languages are being built:
        files = self._notebooks(config) | self._moves(config)
        reports = {language: self.workers[language].finish() for language in self.tasks}
        if failed := [report.error for report in reports.values() if report.error]:
            raise PluginError("\n".join(failed))
        book = self.book
        self._write_font(book, set().union(*(report.characters for report in reports.values())), config.site_dir)
        minify_assets(Path(config.site_dir) / "assets")
        write_files(Path(config.site_dir), files)
        self._write_runtime(book, config.site_dir)
        said = statistics(book, self.prepared, time.monotonic() - self.began)
        (Path(config.site_dir) / "build.json").write_text(json.dumps(said, indent=2) + "\n", "utf-8")
        if self.staged and self.target and not _warned():
            staging.publish(self.staged, self.target)
            config.site_dir = str(self.target)
            log.info(f"The site is in {self.target}")

    def _notebooks(self, config) -> dict[str, bytes]:
        book = self.book
        return notebook_files(self.prepared, chapters(self.nav), editions_of(book, config.extra["languages"]),
                              config.site_url, Cache(book.cache / "notebooks", not switched_off(), ".ipynb"),
                              labs(self.nav))

    def _moves(self, config) -> dict[str, bytes]:
        """The states of figures that move."""
        cache = Cache(self.book.cache / "moves", not switched_off())
        files, errors = moving_files(self.prepared, cache)
        self._complain(errors)
        return files

    def _write_font(self, book: Book, characters: set[str], site_dir: str) -> None:
        target = Path(site_dir) / "assets" / "fonts" / "stix-two-math.woff2"
        if switched_off():
            with tempfile.TemporaryDirectory() as folder:
                subset_math_font(characters, target, Path(folder))
        else:
            subset_math_font(characters, target, book.cache / "fonts")

    def _write_runtime(self, book: Book, site_dir: str) -> None:
        if (found := runtime.stored(book.cache)) and book.style:
            folder = runtime.place(book.cache, found)
            for path, data in runtime.site_files(found, folder, book.style):
                write_files(Path(site_dir), {path: data})

    def on_shutdown(self) -> None:
        self.pool.close()
        for worker in self.workers.values():
            worker.close()
        if self.staged:
            staging.discard(self.staged)

    def _complain(self, errors: list[BookError]) -> None:
        """A build ends with all errors; under `mkdocs serve` they are logged, shown in their pages, and it lives on."""
        if errors and not self.serving:
            raise PluginError("\n".join(str(error) for error in errors))
        for error in errors:
            log.info(f"ERROR  {error}")  # as an error it would be counted, and strict MkDocs would end the server

    def _start_languages(self, config) -> None:
        for language in self.tasks:
            if language not in self.workers or not self.workers[language].alive():
                self.workers[language] = LanguageProcess()
        for language, task in self.tasks.items():
            self.workers[language].start(task)

    def _task(self, config, language: str, edition: dict[str, str]) -> Task:
        url = config.site_url
        return Task(
            book=context_of(self.prepared, self.book, language, show_errors=self.serving),
            pages=of_language(self.prepared.pages, language), config_file=config.config_file_path,
            site_dir=os.path.join(config.site_dir, language),
            site_url=f"{url.rstrip('/')}/{language}/" if url else None,
            strict=bool(config.strict) and not self.serving, ran_with=versions.ran_with(), edition=edition,
            figures=first_figures(self.prepared, language),
            draws_cards=bool(url) and not self.serving and language == next(iter(config.extra["languages"])))


def _warned() -> bool:
    """Whether MkDocs will end this strict build because of a warning; it looks only after the last event."""
    counters = [handler for handler in logging.getLogger("mkdocs").handlers if isinstance(handler, CountHandler)]
    return any(counter.get_counts() for counter in counters)

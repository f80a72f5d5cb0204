"""The root build: runs what has to run, then has both languages built side by side, then the shared parts."""

from __future__ import annotations

import json
import logging
import os
import time
from pathlib import Path

from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.utils import CountHandler

from ..book import runtime
from ..book.book import Book, Prepared, open_cache, prepare, statistics
from ..book.extension import context_of, of_language
from ..book.nav import chapters, labs
from ..book.notebooks import editions_of, notebook_files
from ..book.site_files import first_figures, moving_files, runtime_files
from ..formulas.mathfont import subset_math_font
from ..run import versions
from ..run.pool import Pool
from ..source.errors import BookError
from ..source.files import write_files
from . import staging
from .language import Task
from .messages import Progress
from .polish import minify_assets
from .template_cache import TemplateCache, list_what_is_seen
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
        self.target: Path | None = None  # under `mkdocs serve` the site is written where it is served
        self.staged: Path | None = None

    def on_startup(self, command: str, dirty: bool) -> None:
        self.serving = command == "serve"

    def on_config(self, config):
        self.book = Book(Path(config.config_file_path).resolve().parent)  # anew for each build
        list_what_is_seen(config.theme)
        self.nav, config.nav = config.nav or [], None
        config.extra |= {"language": "", "serving": self.serving}
        if not self.serving:
            self.target = Path(config.site_dir).resolve()
            self.staged = staging.new_folder(self.target)
            config.site_dir = str(self.staged)
        return config

    def on_pre_build(self, config) -> None:
        self.began = time.monotonic()
        languages = list(config.extra["languages"])
        try:
            with Progress() as watch:
                self.prepared = prepare(self.book, languages, chapters(self.nav), open_cache(self.book), self.pool,
                                        watch)
        except BookError as error:
            raise PluginError(str(error)) from None  # of the whole book, so no page could show it
        self._complain(self.prepared.errors)
        figures = {language: first_figures(self.prepared, language) for language in languages}
        config.extra["cards"] = {page: alt for page, (_, alt) in figures[languages[0]].items()}
        edition, url = versions.edition(self.book.root), config.site_url
        self.tasks = {language: Task(
            book=context_of(self.prepared, self.book, language, show_errors=self.serving),
            pages=of_language(self.prepared.pages, language), config_file=config.config_file_path,
            site_dir=os.path.join(config.site_dir, language),
            site_url=f"{url.rstrip('/')}/{language}/" if url else None,
            strict=bool(config.strict) and not self.serving, edition=edition, figures=figures[language],
            draws_cards=bool(url) and not self.serving and language == languages[0]) for language in languages}

    def on_files(self, files, config):
        for file in list(files):
            if file.src_uri.startswith(NOT_OF_THE_ROOT):
                files.remove(file)
        self._start_languages()  # beside the root's own pages; site/ has been emptied by now
        return files

    def _start_languages(self) -> None:
        for language in self.tasks:
            if language not in self.workers or not self.workers[language].alive():
                self.workers[language] = LanguageProcess()
        for language, task in self.tasks.items():
            self.workers[language].start(task)

    def on_env(self, env, config, files):
        env.bytecode_cache = TemplateCache(self.book)
        return env

    @event_priority(-100)  # when all else is written
    def on_post_build(self, config) -> None:
        site = Path(config.site_dir)
        # While the languages are being built:
        files, errors = moving_files(self.prepared, self.book.kept("moves"))
        self._complain(errors)
        files |= notebook_files(self.prepared, chapters(self.nav), editions_of(self.book, config.extra["languages"]),
                                config.site_url, self.book.kept("notebooks"), labs(self.nav))
        reports = [self.workers[language].finish() for language in self.tasks]
        if failed := [report.error for report in reports if report.error]:
            raise PluginError("\n".join(failed))
        subset_math_font(set().union(*(report.characters for report in reports)),
                         site / "assets" / "fonts" / "stix-two-math.woff2", self.book.kept("fonts"))
        minify_assets(site / "assets")
        write_files(site, files)
        self._write_runtime(site)
        said = statistics(self.book, self.prepared, time.monotonic() - self.began)
        (site / "build.json").write_text(json.dumps(said, indent=2) + "\n", "utf-8")
        if self.staged and self.target and not _warned():
            staging.publish(self.staged, self.target)
            config.site_dir = str(self.target)
            log.info(f"The site is in {self.target}")

    def _write_runtime(self, site: Path) -> None:
        if (found := runtime.stored(self.book.cache)) and self.book.style:
            for path, data in runtime_files(found, runtime.place(self.book.cache, found), self.book.style):
                write_files(site, {path: data})

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


def _warned() -> bool:
    """Whether MkDocs will end this strict build because of a warning; it looks only after the last event."""
    counters = [handler for handler in logging.getLogger("mkdocs").handlers if isinstance(handler, CountHandler)]
    return any(counter.get_counts() for counter in counters)

"""One language's site: MkDocs' own build with the language's settings. Runs in a process of its own."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, ConfigurationError
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.utils.yaml import yaml_load

from ..book import runtime
from ..book.nav import chapters, labs
from ..formulas.mathfont import math_characters
from ..markdown.context import PageContext
from ..markdown.extension import BookExtension
from ..markdown.render import failure_html
from ..reference.data import Reference
from ..reference.page_symbols import PageSymbols
from ..run.cache import Cache, switched_off
from ..run.results import Result, failure_of
from ..source.cells import is_lab
from ..source.errors import BookError
from ..source.fences import front_matter_length
from ..source.files import read_text, stamps
from ..source.labels import Label
from ..source.page import Page, read_page
from .flat_links import flat_links
from .labs import Lab, lab_markdown
from .link_places import name_places
from .page_memory import PageMemory
from .polish import polish
from .search import put_worker, set_search, write_sections
from .search_text import searchable
from .template_cache import template_cache
from .typography import chinese_marked, numbered, unbroken

log = logging.getLogger("mkdocs.book")


@dataclass(frozen=True)
class Task:
    """What the process of one language needs; it travels by pickle."""

    language: str
    root: Path
    config_file: str
    site_dir: str
    site_url: str | None
    serving: bool
    strict: bool
    ran_with: Mapping[str, str]
    edition: Mapping[str, str]  # version and, where it is tagged, date
    cards: Mapping[str, str]  # pages with a picture for other sites, and what stands on it
    results: Mapping[str, Result]
    labels: Mapping[str, Label]
    reference: Reference | None
    data_error: str | None
    symbols: Mapping[str, PageSymbols]  # by page path
    errors: Mapping[str, BookError]  # by page path: under `mkdocs serve` the page shows why it did not run


@dataclass
class Report:
    """What became of it: characters that its formulas use, or why there is no site."""

    characters: set[str] = field(default_factory=set)
    error: str | None = None


def build_language(task: Task, memory: PageMemory) -> Report:
    """Builds `site/<language>/`. Errors come back as text: the exceptions of MkDocs do not travel well."""
    plugin = LanguagePlugin(task, memory if task.serving else PageMemory())
    folder = task.root / "docs" / task.language
    name_places(folder, f"docs/{task.language}")
    logging.getLogger("mkdocs.commands.build").setLevel(logging.WARNING)  # the root build says that all is built
    try:
        config = load_config(task.config_file, docs_dir=str(folder), strict=task.strict,
                             site_dir=task.site_dir, site_url=task.site_url, use_directory_urls=True,
                             plugins=_other_plugins(task))
        config.plugins["book"] = plugin
        config.plugins.on_startup(command="serve" if task.serving else "build", dirty=False)
        build(config)
        config.plugins.on_shutdown()
    except BookError as error:
        return Report(error=str(error))
    except (Abort, ConfigurationError) as error:
        return Report(error=f"docs/{task.language}: {error}")
    return Report(plugin.characters)


def _other_plugins(task: Task) -> list:
    """The plugins of mkdocs.yml, with their options if they have any, without the one that builds the root."""
    with open(task.config_file, "rb") as file:
        return [entry for entry in yaml_load(file)["plugins"] if entry != "book"]


class LanguagePlugin(BasePlugin):
    """The MkDocs events of one language's build."""

    def __init__(self, task: Task, memory: PageMemory) -> None:
        super().__init__()
        self.task, self.memory = task, memory
        self.characters: set[str] = set()
        self.cache = Cache(task.root / ".cache" / "labs", enabled=not switched_off())
        self.extension = BookExtension(PageContext(), self._result, task.root / "snippets", task.serving)

    def _result(self, page: Page) -> Result:
        if page.path not in self.task.results:
            raise self.task.errors.get(page.path) or BookError(
                "this page did not run, because of the errors in the terminal", path=page.path)
        return self.task.results[page.path]

    @event_priority(100)  # before the search plugin reads the theme's language
    def on_config(self, config):
        task = self.task
        own = config.extra["languages"][task.language]
        config.site_name, config.site_description = own["site_name"], own["site_description"]
        config.copyright = own["copyright"]
        config.theme["language"] = own.get("theme_language", task.language)
        if config.edit_uri:
            config.edit_uri = f"{config.edit_uri.rstrip('/')}/{task.language}/"
        config.extra |= {"language": task.language, "serving": task.serving, "ran_with": dict(task.ran_with),
                         "edition": dict(task.edition), "cards": dict(task.cards),
                         "runtime": (found := runtime.stored(task.root / ".cache")) and found.version,
                         "notebooks": [*chapters(config.nav or []), *labs(config.nav or [])]}
        self.numbers = {page: number for number, page in enumerate(chapters(config.nav or []), 1)}
        if config.plugins["material/offline"].config.enabled:
            config.extra |= {"offline": True, "polyfills": ["../assets/iframe-worker.js"]}
        config.nav = [_titled(entry, own.get("sections", {})) for entry in config.nav or []] or None
        config.mdx_configs.setdefault("toc", {})["permalink_title"] = own["permalink_title"]
        config.mdx_configs["pymdownx.blocks.caption"] = {
            "types": ["caption", {"name": "figure-caption", "prefix": own["figure_prefix"]}]}
        set_search(config.plugins["material/search"].config)
        config.markdown_extensions.append(self.extension)  # pyright: ignore[reportArgumentType] - objects are taken too
        if task.language == "en":  # Chinese pages have their own quotation marks
            config.markdown_extensions.append("smarty")
            config.mdx_configs["smarty"] = {"smart_dashes": False, "smart_ellipses": False}
        return config

    def on_files(self, files, config):
        task = self.task
        put_worker(files, config)
        self.memory.begin([task.labels, task.reference, task.data_error, task.ran_with, task.edition,
                           sorted(files.src_uris), stamps(task.root, "snippets", "mkdocs.yml")])
        return files

    def on_env(self, env, config, files):
        env.bytecode_cache = template_cache(self.task.root)
        for file in files.documentation_pages():
            if number := self._number(file):
                file.page.title = f"{number} {file.page.title}"
        return env

    def _number(self, file) -> int | None:
        return self.numbers.get(file.src_uri.removesuffix(".md"))

    def on_page_markdown(self, markdown: str, page, config, files):
        """Tells the extension whose text comes next; the Markdown instance made now keeps it."""
        path, task = self._path(page), self.task
        source = read_text(Path(page.file.abs_src_path), path)
        if self.memory.recalls(path, [source, *(of.get(path) for of in (task.results, task.symbols, task.errors))]):
            self.extension.context = PageContext(filled=True)
            return ""
        lines = source.split("\n")
        lab = is_lab(lines, front_matter_length(lines))
        self.extension.context = PageContext(
            path=path, source=source, page=page.file.src_uri.removesuffix(".md"), language=task.language,
            labels=task.labels, reference=task.reference, data_error=task.data_error,
            symbols=task.symbols.get(path), filled=lab)
        return self._lab(source, path, page, config, files) if lab else markdown

    def _lab(self, source: str, path: str, page, config, files) -> str:
        try:
            lab = read_page(source, self.task.root / "snippets", path)
            result = self._result(lab)
            if failure := failure_of(lab, result):
                raise failure
            return lab_markdown(Lab(source, lab, result), page, config, files, self.cache)
        except BookError as error:
            if not self.task.serving:
                raise
            return failure_html(str(error)).replace("`", "&#96;")

    @event_priority(100)
    def _words_for_the_search(self, context, page, config, nav):
        self.content = page.content
        page.content = "" if self._path(page) in self.memory.recalled else searchable(page.content)
        self.entries_before = len(_entries(config))
        return context

    @event_priority(-100)
    def _the_page_again(self, context, page, config, nav):
        page.content = self.content
        self.memory.search(self._path(page), _entries(config), self.entries_before)
        return context

    on_page_context = CombinedEvent(_words_for_the_search, _the_page_again)

    def on_page_content(self, html: str, page, config, files):
        html = self.memory.content(self._path(page), page, html, files)
        self.characters |= math_characters(html)
        if number := self._number(page.file):
            html = numbered(html, number)
        html = unbroken(html if self.task.language == "zh" else chinese_marked(html))
        return flat_links(html, page.file.src_uri.removesuffix(".md")) if config.extra.get("offline") else html

    def _path(self, page) -> str:
        return f"docs/{self.task.language}/{page.file.src_uri}"

    @event_priority(-50)  # when the index is written
    def on_post_build(self, config):
        write_sections(Path(config.site_dir), self.task.reference, self.task.language,
                       whole=bool(config.extra.get("offline")))

    def on_post_page(self, output: str, page, config):
        return polish(output)

    def on_post_template(self, output: str, template_name: str, config):
        return polish(output) if template_name.endswith(".html") else output


def _entries(config) -> list[dict]:
    """The search index that is being made."""
    return config.plugins["material/search"].search_index.entries


def _titled(entry, titles: Mapping[str, str]):
    """A nav entry with its section's key replaced by the section's title in this language."""
    if not isinstance(entry, dict):
        return entry
    return {titles.get(key, key): [_titled(child, titles) for child in value] if isinstance(value, list) else value
            for key, value in entry.items()}



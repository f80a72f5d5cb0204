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
from mkdocs.utils import CountHandler
from mkdocs.utils.yaml import yaml_load

from ..book import runtime
from ..book.cards import Figure, card_files
from ..book.nav import chapters, labs
from ..formulas.mathfont import math_characters
from ..markdown.context import BookContext
from ..markdown.extension import BookExtension
from ..markdown.render import failure_html
from ..run import versions
from ..run.cache import Cache, engine_digest, switched_off
from ..source.errors import BookError
from ..source.files import front_matter_length, read_text, write_files
from ..source.page import Page, is_lab
from .flat_links import flat_links
from .labs import Lab, lab_markdown
from .link_places import name_places
from .page_memory import PageMemory
from .polish import polish
from .search import put_worker, set_search, write_sections
from .search_text import searchable
from .template_cache import list_what_is_seen, template_cache
from .typography import chinese_marked, numbered, unbroken

log = logging.getLogger("mkdocs.book")


@dataclass(frozen=True)
class Task:
    """What the process of one language needs; it travels by pickle."""

    book: BookContext
    pages: Mapping[str, Page]  # by page path
    config_file: str
    site_dir: str
    site_url: str | None
    strict: bool
    ran_with: Mapping[str, str]
    edition: Mapping[str, str]  # version and, where it is tagged, date
    figures: Mapping[str, Figure]  # the first of each page that has one: what other sites show
    draws_cards: bool  # this process draws them, for both languages


@dataclass
class Report:
    """What became of it: characters that its formulas use, or why there is no site."""

    characters: set[str] = field(default_factory=set)
    error: str | None = None


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
            cache = Cache(book.root / ".cache" / "cards", not switched_off(), ".png")
            write_files(Path(task.site_dir).parent, card_files(task.figures, mark, cache))
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


class LanguagePlugin(BasePlugin):
    """The MkDocs events of one language's build."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task = task
        self.characters: set[str] = set()
        self.cache = Cache(task.book.root / ".cache" / "labs", enabled=not switched_off())
        self.memory = PageMemory(Cache(task.book.root / ".cache" / "pages", enabled=not switched_off()))

    @event_priority(100)  # before the search plugin reads the theme's language
    def on_config(self, config):
        task, book = self.task, self.task.book
        list_what_is_seen(config.theme)
        own = config.extra["languages"][book.language]
        config.site_name, config.site_description = own["site_name"], own["site_description"]
        config.copyright = own["copyright"]
        config.theme["language"] = own.get("theme_language", book.language)
        if config.edit_uri:
            config.edit_uri = f"{config.edit_uri.rstrip('/')}/{book.language}/"
        config.extra |= {"language": book.language, "serving": book.show_errors, "ran_with": dict(task.ran_with),
                         "edition": dict(task.edition), "cards": {page: alt for page, (_, alt) in task.figures.items()},
                         "runtime": (found := runtime.stored(book.root / ".cache")) and found.version,
                         "notebooks": [*chapters(config.nav or []), *labs(config.nav or [])]}
        self.numbers = {page: number for number, page in enumerate(chapters(config.nav or []), 1)}
        if config.plugins["material/offline"].config.enabled:
            config.extra |= {"offline": True, "polyfills": ["../assets/iframe-worker.js"]}
        config.nav = [_titled(entry, own.get("sections", {})) for entry in config.nav or []] or None
        config.mdx_configs.setdefault("toc", {})["permalink_title"] = own["permalink_title"]
        config.mdx_configs["pymdownx.blocks.caption"] = {
            "types": ["caption", {"name": "figure-caption", "prefix": own["figure_prefix"]}]}
        set_search(config.plugins["material/search"].config)
        extension = BookExtension(book)
        config.markdown_extensions.append(extension)  # pyright: ignore[reportArgumentType] - objects are taken too
        if book.language == "en":  # Chinese pages have their own quotation marks
            config.markdown_extensions.append("smarty")
            config.mdx_configs["smarty"] = {"smart_dashes": False, "smart_ellipses": False}
        return config

    def on_files(self, files, config):
        put_worker(files, config)
        self.memory.begin([*_of_all(self.task), config.use_directory_urls, sorted(files.src_uris)])
        return files

    def on_env(self, env, config, files):
        env.bytecode_cache = template_cache(self.task.book.root)
        for file in files.documentation_pages():
            if number := self._number(file):
                file.page.title = f"{number} {file.page.title}"
        return env

    def _number(self, file) -> int | None:
        return self.numbers.get(file.src_uri.removesuffix(".md"))

    def on_page_markdown(self, markdown: str, page, config, files):
        """Nothing for a page that is as it was, and a lab with its cells filled in."""
        path, book = self._path(page), self.task.book
        source = read_text(Path(page.file.abs_src_path), path)
        if self.memory.recalls(path, [source, *_of_page(self.task, path)]):
            page.render, page.content = _nothing, ""
            return ""
        lines, result = source.split("\n"), book.results.get(path)
        if not is_lab(lines, front_matter_length(lines)) or result is None or result.failure:
            return markdown  # the extension says why a lab has failed
        try:
            return lab_markdown(Lab(source, self.task.pages[path], result), page, config, files, self.cache)
        except BookError as error:
            if not book.show_errors:
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
        path = self._path(page)
        if path not in self.memory.recalled:
            html = self._finished(html, page.file)
        html = self.memory.content(path, page, html, files)
        self.characters |= math_characters(html)
        return flat_links(html, page.file.src_uri.removesuffix(".md")) if config.extra.get("offline") else html

    def _finished(self, html: str, file) -> str:
        if number := self._number(file):
            html = numbered(html, number)
        return unbroken(html if self.task.book.language == "zh" else chinese_marked(html))

    def _path(self, page) -> str:
        return f"docs/{self.task.book.language}/{page.file.src_uri}"

    @event_priority(-50)  # when the index is written
    def on_post_build(self, config):
        write_sections(Path(config.site_dir), self.task.book.reference, self.task.book.language,
                       whole=bool(config.extra.get("offline")))

    def on_post_page(self, output: str, page, config):
        return polish(output)

    def on_post_template(self, output: str, template_name: str, config):
        return polish(output) if template_name.endswith(".html") else output


def _nothing(config, files) -> None:
    """In the place of a page's render: MkDocs would set up Markdown and all its extensions for no text."""


def _of_all(task: Task) -> list[object]:
    """What any page may depend on."""
    book = task.book
    data = sorted((book.root / "docs" / "data").glob("*.toml"))
    about = book.reference and [book.reference.pages, book.reference.order, book.reference.uses, book.reference.cited]
    return [engine_digest(), versions.installed(), task.ran_with, task.edition, book.show_errors, book.labels, about,
            book.data_error, *(read_text(file, file.name) for file in (Path(task.config_file), *data))]


def _of_page(task: Task, path: str) -> list[object]:
    """What a page depends on besides its source: its code, what that gave, its symbols, why it did not run."""
    result, error = task.book.results.get(path), task.book.errors.get(path)
    return [task.pages.get(path), result and [result.blocks, sorted(result.values.items()), result.failure],
            task.book.symbols.get(path), error and str(error)]


def _entries(config) -> list[dict]:
    """The search index that is being made."""
    return config.plugins["material/search"].search_index.entries


def _titled(entry, titles: Mapping[str, str]):
    """A nav entry with its section's key replaced by the section's title in this language."""
    if not isinstance(entry, dict):
        return entry
    return {titles.get(key, key): [_titled(child, titles) for child in value] if isinstance(value, list) else value
            for key, value in entry.items()}



"""One language's site: what its build makes different from MkDocs' own. Runs in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority

from ..book import runtime
from ..book.book import Book
from ..book.nav import chapters, labs
from ..book.site_files import Figure
from ..formulas.mathfont import math_characters
from ..markdown.context import BookContext
from ..markdown.extension import BookExtension
from ..markdown.render import failure_html
from ..run import versions
from ..run.cache import engine_digest
from ..source.errors import BookError
from ..source.files import read_text
from ..source.front_matter import front_matter_length
from ..source.page import Page, is_lab
from .labs import Lab, lab_markdown
from .page_memory import PageMemory
from .polish import chinese_marked, flat_links, numbered, polish, unbroken
from .search import put_worker, searchable, set_search, write_sections
from .template_cache import TemplateCache, list_what_is_seen


@dataclass(frozen=True)
class Task:
    """What the process of one language needs; it travels by pickle."""

    book: BookContext
    pages: Mapping[str, Page]  # by page path
    config_file: str
    site_dir: str
    site_url: str | None
    strict: bool
    edition: Mapping[str, str]  # version and, where it is tagged, date
    figures: Mapping[str, Figure]  # the first of each page that has one: what other sites show
    draws_cards: bool  # this process draws them, for both languages


class LanguagePlugin(BasePlugin):
    """The MkDocs events of one language's build."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task = task
        self.characters: set[str] = set()
        self.on_disk = Book(task.book.root)
        self.memory = PageMemory(self.on_disk.kept("pages"))

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
        config.extra |= {"language": book.language, "serving": book.show_errors, "ran_with": versions.ran_with(),
                         "edition": dict(task.edition), "cards": {page: alt for page, (_, alt) in task.figures.items()},
                         "runtime": (found := runtime.stored(self.on_disk.cache)) and found.version,
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
        env.bytecode_cache = TemplateCache(self.on_disk)
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
            return lab_markdown(Lab(source, self.task.pages[path], result), page, config, files,
                                self.on_disk.kept("labs"))
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
    return [engine_digest(), versions.installed(), versions.ran_with(), task.edition, book.show_errors, book.labels,
            about, book.data_error, *(read_text(file, file.name) for file in (Path(task.config_file), *data))]


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



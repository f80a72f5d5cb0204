"""The built site as one PDF for each language: its pages → one HTML page → Chromium's print of it.

It is printed twice: the first print says on which page each section begins, the second bears these numbers in its
contents. Numbers, outline, links and tags for screen readers are Chromium's; the look stands in paper.css.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import urljoin, urlsplit

import pikepdf
import yaml
from bs4 import BeautifulSoup, Tag

from ..source.errors import BookError
from ..source.nav import Loader, pages_of

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SECTIONS = ("chapters", "labs", "reference")
ON_SCREEN_ONLY = (".md-content__button, .headerlink, .symbols, .book-filter, .jumps, .cell-folded, .book-page, script, "
                  "template")
STYLE = Path(__file__).with_name("paper.css")
WORDS = {"zh": {"contents": "目录", "ran": "书中的代码运行于{}。", "at": "网上的版本："},
         "en": {"contents": "Contents", "ran": "The code of this book ran with {}.", "at": "On the web: "}}
NAMED = re.compile(r"url\(#([^)]+)\)")


def make_pdf(root: Path, site: Path, language: str, target: Path) -> int:
    """Prints one language of the site to `target`; returns the number of its pages."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise BookError(f"no browser to print with: none of {', '.join(BROWSERS)} is installed; "
                        "on Debian: apt-get install chromium fonts-noto-cjk")
    book = Paper(root, site, language)
    page = site / language / "paper.html"  # beside the pages, so that styles and fonts are found
    try:
        page.write_text(book.html({}), "utf-8")
        _print(browser, page, target)
        page.write_text(book.html(_page_numbers(target)), "utf-8")
        _print(browser, page, target)
    finally:
        page.unlink(missing_ok=True)
    return _finish(target)


class Paper:
    """One language of the built site, read once."""

    def __init__(self, root: Path, site: Path, language: str):
        self.site, self.language, self.words = site, language, WORDS[language]
        text = (root / "mkdocs.yml").read_text("utf-8")
        self.config = yaml.load(text, Loader)
        self.about = self.config["extra"]["languages"][language]
        self.parts = {section: pages_of(text, section) for section in SECTIONS}
        self.slugs = {self._address(page): page.replace("/", "-") for pages in self.parts.values() for page in pages}
        self.articles = {address: self._article(address) for address in self.slugs}

    def html(self, numbers: Mapping[str, int]) -> str:
        """The book as one page; `numbers` are those of the pages on which sections begin."""
        heads = "".join(f"@page {slug} {{ @top-center {{ content: {self._title(address)} }} }}\n"
                        for address, slug in self.slugs.items())
        bodies = "".join(f'<section style="page: {slug}">{self.articles[address]}</section>\n'
                         for address, slug in self.slugs.items())
        return (f'<!doctype html><html lang="{self.language}" dir="ltr"><head><meta charset="utf-8">'
                f"<title>{self.about['site_name']}</title>{self._styles()}"
                f"<style>{STYLE.read_text('utf-8')}{heads}</style></head>"
                f'<body><div class="md-content"><article class="md-content__inner md-typeset">'
                f"{self._cover()}{self._contents(numbers)}{bodies}</article></div></body></html>")

    def _address(self, page: str) -> str:
        return f"{self.language}/{page}/"

    def _title(self, address: str) -> str:
        heading = self.articles[address].h1
        return json.dumps(heading.get_text(" ", strip=True) if heading else "", ensure_ascii=False)  # as CSS quotes it

    def _styles(self) -> str:
        """The site's own, which the first page of the book loads."""
        address = next(iter(self.slugs))
        soup = BeautifulSoup((self.site / address / "index.html").read_text("utf-8"), "html.parser")
        return "".join(f'<link rel="stylesheet" href="{str(link["href"]).removeprefix("../")}">'
                       for link in soup.select("link[rel=stylesheet]"))

    def _article(self, address: str) -> Tag:
        """What a page says, with names that are its own in the whole book and links within the book."""
        article = BeautifulSoup((self.site / address / "index.html").read_text("utf-8"), "html.parser").article
        if article is None:
            raise BookError("a page without <article>; build the site again", path=self.site / address / "index.html")
        for element in article.select(ON_SCREEN_ONLY):
            element.decompose()
        for fold in article("details"):
            fold["open"] = ""
        slug = self.slugs[address]
        for element in article.find_all(True):
            for name, value in element.attrs.items():
                if name in ("id", "for", "aria-labelledby", "aria-describedby"):
                    element[name] = f"{slug}--{value}"
                elif name in ("href", "xlink:href"):
                    element[name] = self._link(address, str(value))
                elif isinstance(value, str) and "url(#" in value:
                    element[name] = NAMED.sub(rf"url(#{slug}--\1)", value)
        return article

    def _link(self, address: str, href: str) -> str:
        """Where a link of a page leads on paper: to the section in this book, else to the site or elsewhere."""
        if href.startswith("#"):
            return f"#{self.slugs[address]}--{href[1:]}"
        path, anchor = urljoin(f"/{address}", urlsplit(href).path), urlsplit(href).fragment
        if urlsplit(href).scheme or path.lstrip("/") not in self.slugs:
            return urljoin(f"{self.config['site_url']}{address}", href)
        slug = self.slugs[path.lstrip("/")]
        return f"#{slug}--{anchor or PurePosixPath(path).name}"

    def _cover(self) -> str:
        versions = json.loads((self.site / "build.json").read_text("utf-8"))["versions"]
        ran = self.words["ran"].format(", ".join(f"{name} {versions[name]}" for name in versions))
        address = f"{self.config['site_url']}{self.language}/"
        lines = ran, f'{self.words["at"]}<a href="{address}">{address}</a>', self.about["copyright"]
        return (f'<header class="paper-cover"><p class="paper-title">{self.about["site_name"]}</p>'
                f"<p>{self.about['site_description']}</p><p>{'<br>'.join(lines)}</p></header>")

    def _contents(self, numbers: Mapping[str, int]) -> str:
        def lines() -> Iterator[str]:
            for section, pages in self.parts.items():
                yield f'<p class="paper-part">{self.about["sections"][section]}</p>'
                for page in pages:
                    for heading in self.articles[self._address(page)](["h1", "h2"] if section != "reference" else "h1"):
                        if name := heading.get("id"):
                            ends = f"<span>{heading.decode_contents()}</span><span>{numbers.get(str(name), 0)}</span>"
                            yield f'<p class="paper-{heading.name}"><a href="#{name}">{ends}</a></p>'
        title = f'<p class="paper-title">{self.words["contents"]}</p>'
        return f'<nav class="paper-contents">{title}{"".join(lines())}</nav>'


def _print(browser: str, page: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory() as profile:
        sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        done = subprocess.run([browser, "--headless", *sandbox, f"--user-data-dir={profile}", "--disable-gpu",
                               "--no-pdf-header-footer", "--generate-pdf-document-outline", f"--print-to-pdf={target}",
                               page.as_uri()], capture_output=True, text=True, timeout=600)
    if done.returncode or not target.is_file():
        raise BookError(f"{browser} printed nothing (status {done.returncode}): {done.stderr[-500:]}")


def _page_numbers(pdf: Path) -> dict[str, int]:
    """By section the number of the page on which it begins."""
    with pikepdf.open(pdf) as paper:
        order = {page.obj.objgen: number for number, page in enumerate(paper.pages, 1)}
        return {name.removeprefix("/"): order[place[0].objgen] for name, place in paper.Root.Dests.items()}


def _finish(pdf: Path) -> int:
    """Packs what Chromium leaves loose, less than half the bytes, and takes out what differs from print to print."""
    with pikepdf.open(pdf, allow_overwriting_input=True) as paper:
        for key in ("/CreationDate", "/ModDate", "/Creator"):
            del paper.docinfo[key]
        paper.save(object_stream_mode=pikepdf.ObjectStreamMode.generate, recompress_flate=True, deterministic_id=True)
        return len(paper.pages)

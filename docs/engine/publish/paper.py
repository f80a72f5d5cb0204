"""The built site as one PDF for each language: its pages → one HTML page → Chromium's print of it.

It is printed twice: the first print says on which page each section begins, the second bears these numbers, in its
contents and where the symbol table names pages. Numbers, outline, links and tags for screen readers are Chromium's;
the look stands in paper.css.
"""

from __future__ import annotations

import json
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

from ..book.nav import Loader, pages_of
from ..run import versions
from ..source.errors import BookError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SECTIONS = ("chapters", "labs", "reference")
ON_SCREEN_ONLY = (".md-content__button, .headerlink, .symbols, .book-filter, .jumps, .cell-folded, .book-page, script, "
                  "template")
STYLE = Path(__file__).with_name("paper.css")
WORDS = {"zh": {"contents": "目录", "edition": "第 {} 版", "ran": "书中的代码运行于 {}。", "at": "网上的版本：",
                "long": "这段代码有 {} 行，不必读；它在网上的这一页和 notebook 里："},
         "en": {"contents": "Contents", "edition": "Version {}", "ran": "The code of this book ran with {}.",
                "at": "On the web: ",
                "long": "These {} lines need not be read. They stand on the web and in the notebook: "}}
NAMED = re.compile(r"url\(#([^)]+)\)")
BELOW_EMPTY_LINES = re.compile(r"(?<=\n\n)(?!\n)")
LONGEST_FOLD = 200  # lines of code, three pages
LONGEST_PIECE = 14  # lines that stay together
SOME_PAGE = 100  # before a print has said which
PRINTS = 5  # the second print is as the first; a third where numbers have moved a line


def make_pdf(root: Path, site: Path, language: str, target: Path) -> int:
    """Prints one language of the site to `target`; returns the number of its pages."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise BookError(f"no browser to print with: none of {', '.join(BROWSERS)} is installed; "
                        "on Debian: apt-get install chromium fonts-noto-cjk")
    book = Paper(root, site, language)
    page = site / language / "paper.html"  # beside the pages, so that styles and fonts are found
    try:
        numbers: dict[str, int] = {}
        for _ in range(PRINTS):
            page.write_text(book.html(numbers), "utf-8")
            _print(browser, page, target)
            before, numbers = numbers, _page_numbers(target)
            if numbers == before:
                break
        else:
            raise BookError(f"the page numbers of the PDF still change at print {PRINTS}; widen their place in "
                            "paper.css, so that they move no line", path=target)
    finally:
        page.unlink(missing_ok=True)
    return _finish(target)


class Paper:
    """One language of the built site, read once."""

    def __init__(self, root: Path, site: Path, language: str):
        self.root, self.site, self.language, self.words = root, site, language, WORDS[language]
        text = (root / "mkdocs.yml").read_text("utf-8")
        self.config = yaml.load(text, Loader)
        self.about = self.config["extra"]["languages"][language]
        self.parts = {section: pages_of(text, section) for section in SECTIONS}
        self.slugs = {self._address(page): page.replace("/", "-") for pages in self.parts.values() for page in pages}
        self.articles = {address: self._article(address) for address in self.slugs}

    def html(self, numbers: Mapping[str, int]) -> str:
        """The book as one page; `numbers` are those of the pages on which sections begin."""
        for article in self.articles.values():
            for link in article.select(".paper-page"):
                link.string = str(numbers.get(str(link["href"])[1:], SOME_PAGE))
        heads = "".join(f"@page {slug} {{ @top-center {{ content: {self._title(address)} }} }}\n"
                        for address, slug in self.slugs.items())
        bodies = "".join(f'<section class="paper-{section}" style="page: {self.slugs[address]}">'
                         f"{self.articles[address]}</section>\n"
                         for section, pages in self.parts.items() for address in map(self._address, pages))
        return (f'<!doctype html><html lang="{self.language}" dir="ltr" class="no-js"><head><meta charset="utf-8">'
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
            if "code" in fold.get_attribute_list("class") and (lines := _lines(fold)) > LONGEST_FOLD:
                self._leave_out(fold, lines, address)
        for code in article.select("pre > code"):
            _in_pieces(code)
        for link in article.select("dd a"):
            if urljoin(f"/{address}", str(link["href"])).lstrip("/") in self.slugs:
                link["class"] = "paper-page"
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

    def _leave_out(self, fold: Tag, lines: int, address: str) -> None:
        """What checks a reader's work in a lab does nothing on paper."""
        for element in fold.find_all(recursive=False)[1:]:  # behind its title
            element.decompose()
        place = f"{self.config['site_url']}{address}"
        said = f'<p>{self.words["long"].format(lines)}<a href="{place}">{place}</a></p>'
        fold.append(BeautifulSoup(said, "html.parser"))

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
        said = json.loads((self.site / "build.json").read_text("utf-8"))["versions"]
        ran = self.words["ran"].format(", ".join(f"{name} {said[name]}" for name in versions.ran_with()))
        address = f"{self.config['site_url']}{self.language}/"
        edition = versions.edition(self.root)
        dated = f" ({edition['date']})" if "date" in edition else ""
        lines = (self.words["edition"].format(edition["version"]) + dated, ran,
                 f'{self.words["at"]}<a href="{address}">{address}</a>', self.about["copyright"])
        return (f'<header class="paper-cover"><p><img src="../assets/logo.svg" alt=""></p>'
                f'<p class="paper-title">{self.about["site_name"]}</p><p>{self.about["site_description"]}</p>'
                f"<p>{'<br>'.join(lines)}</p></header>")

    def _contents(self, numbers: Mapping[str, int]) -> str:
        def lines() -> Iterator[str]:
            for section, pages in self.parts.items():
                yield f'<p class="paper-part">{self.about["sections"][section]}</p>'
                for page in pages:
                    for heading in self.articles[self._address(page)](["h1", "h2"] if section != "reference" else "h1"):
                        if name := heading.get("id"):
                            ends = heading.decode_contents(), numbers.get(str(name), SOME_PAGE)
                            line = "".join(f"<span>{end}</span>" for end in ends)
                            yield f'<p class="paper-{heading.name}"><a href="#{name}">{line}</a></p>'
        title = f'<p class="paper-title">{self.words["contents"]}</p>'
        return f'<nav class="paper-contents">{title}{"".join(lines())}</nav>'


def _lines(element: Tag) -> int:
    return sum(code.get_text().count("\n") for code in element.select("pre > code"))


def _in_pieces(code: Tag) -> None:
    """Code in pieces from empty line to empty line, docstrings whole: a page ends between two of them, if it can."""
    pieces: list[list] = [[]]
    for child in list(code.contents):
        begins = not any(isinstance(part, Tag) for part in pieces[-1])
        if begins and _is_docstring(child) and len(pieces) > 1 and _ends_in_docstring(pieces[-2]):
            pieces[-2:] = [pieces[-2] + pieces[-1]]
        parts = BELOW_EMPTY_LINES.split(child) if isinstance(child, str) else [child]
        pieces[-1].append(parts[0])
        pieces += [[part] for part in parts[1:]]
    code.clear()
    for piece in pieces:
        whole = BeautifulSoup("", "html.parser").new_tag("span", attrs={"class": "paper-piece"})
        whole.extend(piece)
        if whole.get_text().count("\n") > LONGEST_PIECE:
            whole["class"] = "paper-piece paper-long"
        code.append(whole)


def _ends_in_docstring(piece: list) -> bool:
    tags = [part for part in piece if isinstance(part, Tag)]
    return bool(tags) and _is_docstring(tags[-1])


def _is_docstring(part: object) -> bool:
    return isinstance(part, Tag) and "sd" in part.get_attribute_list("class")


def _print(browser: str, page: Path, target: Path) -> None:
    """Without Chromium's sandbox, which root and some machines of a CI do not have: the page is the book's own."""
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run([browser, "--headless", "--no-sandbox", f"--user-data-dir={profile}", "--disable-gpu",
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

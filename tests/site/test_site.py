"""The built site, as a reader's browser gets it.

A check takes a site and gives its faults as text. Each is run over the book, and over a site of a few lines in which
one fault is planted.
"""

from __future__ import annotations

import functools
import gzip
import json
import random
import re
import struct
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from bs4 import BeautifulSoup, NavigableString, Tag
from parsed import parsed

LANGUAGES = ("zh", "en")
NOWHERE = "http://site.invalid/"  # stands for the address of a site that was built without one
CJK = re.compile(r"[\u4e00-\u9fff]")

# Bytes as they travel, text gzipped: the page's HTML, and all that a first visit loads before the search is used.
BUDGET = {
    "root": (2_000, 6_000),
    "lost": (8_000, 130_000),
    "home": (12_000, 135_000),
    "chapter": (60_000, 180_000),
    "lab": (60_000, 180_000),
    "reference": (60_000, 180_000),
}
SCRIPT_LIMIT = 128_000  # bytes of script that a page names; the theme's are 114,000 of them
SEARCH_LIMIT = 50_000  # the same and the search's worker, gzipped
STYLE_LIMIT = 30_000  # bytes of own style sheets
CARD_LIMIT = 40_000  # bytes of the picture that other sites show
CARD_SIZE = b"IHDR" + struct.pack(">II", 1200, 630)
FIGURE_LIMIT, FIGURES_LIMIT = 150_000, 400_000  # bytes of SVG: one figure, all of a page


class Page:
    """A page of the site; `path` such as "zh/loss/index.html"."""

    def __init__(self, path: str, html: str) -> None:
        self.path, self.html = path, html
        self.language = path.split("/")[0] if path.startswith(("zh/", "en/")) else ""
        self.is_404 = path.endswith("404.html")
        self.address = path.removesuffix("index.html")

    @functools.cached_property
    def soup(self) -> BeautifulSoup:
        return parsed(self.html)

    @functools.cached_property
    def ids(self) -> list[str]:
        return [element["id"] for element in self.soup.find_all(id=True)]

    @property
    def inner(self) -> str:
        """Path inside its language."""
        return self.path.removeprefix(f"{self.language}/")


@dataclass(frozen=True)
class Site:
    files: Mapping[str, bytes]

    @functools.cached_property
    def pages(self) -> dict[str, Page]:
        return {path: Page(path, data.decode()) for path, data in self.files.items() if path.endswith(".html")}

    @functools.cached_property
    def base(self) -> str:
        """The site's own address, as the English first page gives it; NOWHERE if it gives none."""
        canonical = self.pages["en/index.html"].soup.select_one("link[rel=canonical]")
        return canonical["href"].removesuffix("en/") if canonical else NOWHERE

    def in_language(self, language: str) -> list[Page]:
        """All pages of a language but its 404."""
        return [page for page in self.pages.values() if page.language == language and not page.is_404]

    def resolve(self, address: str, page: Page | str) -> tuple[str, str] | None:
        """File and fragment that an address on a page leads to; None for what is not part of the site."""
        place = page.address if isinstance(page, Page) else page
        url, fragment = urldefrag(urljoin(self.base + place, address))
        if not url.startswith(self.base):
            return None
        path = unquote(url.removeprefix(self.base).partition("?")[0])
        return (path + "index.html" if path.endswith("/") or not path else path), unquote(fragment)

    def text(self, path: str) -> str:
        return self.files[path].decode() if path in self.files else ""


# Checks ---------------------------------------------------------------------------------------------------------

def links(site: Site) -> Iterator[str]:
    """Links and anchors lead somewhere, across languages, from the root and from the pages for lost readers."""
    own_host = "//" + site.base.split("/")[2] + "/"
    for page in site.pages.values():
        for element in page.soup.select("[href], [src]"):
            address = element.get("href") or element.get("src") or ""
            target = site.resolve(address, page)
            if target is None:
                if own_host in urljoin(site.base + page.address, address):
                    yield f"{page.path}: {address!r} leads out of the site"
            elif target[0] not in site.files:
                yield f"{page.path}: {address!r} leads to {target[0]}, which is not there"
            elif target[1] and target[0] in site.pages and target[1] not in site.pages[target[0]].ids:
                yield f"{page.path}: {address!r} leads to #{target[1]}, which {target[0]} has not"
    for path in site.files:
        for address in style_addresses(site.text(path)) if path.endswith(".css") else ():
            target = site.resolve(address, path)
            if target is not None and not address.startswith("data:") and target[0] not in site.files:
                yield f"{path}: {address!r} leads to {target[0]}, which is not there"


def style_addresses(style: str) -> list[str]:
    """What `url()` and `@import` of a style sheet name."""
    found = re.findall(r"""url\(\s*("[^"]*"|'[^']*'|[^)"']*)\s*\)|@import\s+("[^"]*"|'[^']*')""", style)
    return [(one or other).strip("\"' ") for one, other in found]


NOT_LOADED = {"canonical", "alternate", "prev", "next", "license", "author"}


def third_parties(site: Site) -> Iterator[str]:
    """Nothing is loaded from another host."""
    for page in site.pages.values():
        loaded = [element["src"] for element in page.soup.select("[src]")]
        loaded += [part.split()[0] for element in page.soup.select("[srcset]") for part in element["srcset"].split(",")]
        loaded += [element["href"] for element in page.soup.select("link[href]")
                   if not NOT_LOADED & set(element["rel"])]
        loaded += [element["data"] for element in page.soup.select("object[data]")]
        loaded += [value for element in page.soup.select("svg *") for key, value in element.attrs.items()
                   if key in ("href", "xlink:href") and element.name != "a"]
        loaded += [address for element in page.soup.select("[style]") for address in style_addresses(element["style"])]
        loaded += [address for style in page.soup.find_all("style") for address in style_addresses(style.text)]
        for script in page.soup.select("script:not([src])"):
            loaded += script_addresses(script.text)
        yield from (f"{page.path}: loads {address}" for address in loaded if is_foreign(site, address, page))
        if page.soup.select_one("[data-md-component=source]"):
            yield f"{page.path}: data-md-component=source makes Material's script ask api.github.com"
    for path in site.files:
        if path.endswith((".css", ".svg")) or (path.endswith(".js") and "/javascripts/" not in path):
            found = script_addresses(site.text(path)) if path.endswith(".js") else style_addresses(site.text(path))
            found += re.findall(r'(?:href|src)="([^"]*)"', site.text(path)) if path.endswith(".svg") else []
            yield from (f"{path}: loads {address}" for address in found if is_foreign(site, address, path))


def script_addresses(script: str) -> list[str]:
    return re.findall(r"""["'`]((?:https?:)?//[^"'`\s]+)""", script)


def is_foreign(site: Site, address: str, page: Page | str) -> bool:
    return not address.startswith("data:") and site.resolve(address, page) is None


NO_PROSE = {"code", "pre", "script", "style", "svg", "math", "textarea"}
MARKS = re.compile(r"--8|\*\*|`|\{#|\{:|\{python\}|\{\.|///|~~~|\$|\\[()\[\]]|\\[a-z]{2,}|\]\(|^\s*#+\s|\|\s*:?-{3}",
                   re.MULTILINE)
LOST_LIST = re.compile(r"\n[ ]*(?:[-*+]|\d+\.)[ ]")  # items with no empty line above them run on in the paragraph


def stray_marks(site: Site) -> Iterator[str]:
    """No mark of the source is left in what a reader sees or hears."""
    for page in site.pages.values():
        for text in [*prose(page.soup), *spoken(page.soup)]:
            if match := MARKS.search(text):
                yield f"{page.path}: {match[0].strip()!r} in {around(text, match)!r}"
        for text in [text for paragraph in page.soup.select("article :is(p, li)") for text in prose(paragraph)]:
            if match := LOST_LIST.search(text):
                yield f"{page.path}: {match[0].strip()!r} in {around(text, match)!r}"
        if "--8" in page.html:
            yield f"{page.path}: '--8' in the page's source"


def around(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 40) : match.end() + 40]


def prose(element: Tag) -> Iterator[str]:
    """Texts that a reader sees, code, formulas and figures aside."""
    for child in element.children:
        if isinstance(child, Tag):
            if child.name not in NO_PROSE:
                yield from prose(child)
        elif isinstance(child, NavigableString) and type(child) is NavigableString:
            yield str(child)


def spoken(soup: BeautifulSoup) -> Iterator[str]:
    for name in ("alt", "aria-label", "title", "content"):
        yield from (element[name] for element in soup.find_all(attrs={name: True}))


def ids(site: Site) -> Iterator[str]:
    """Ids are not empty, stand once on a page, and what a figure refers to is there."""
    for page in site.pages.values():
        for name, count in Counter(page.ids).items():
            if not name:
                yield f"{page.path}: an empty id"
            elif count > 1:
                yield f"{page.path}: the id {name!r} stands {count} times"
        for name in set(re.findall(r"url\(#([^)]+)\)", page.html)) - set(page.ids):
            yield f"{page.path}: url(#{name}) refers to nothing"


def descriptions(site: Site) -> Iterator[str]:
    """Every image and figure says in the page's language what it shows; figures that have captions are numbered."""
    for page in site.pages.values():
        for image in page.soup.find_all("img"):
            if "alt" not in image.attrs or (not image["alt"].strip() and image.find_parent("article")):
                yield f"{page.path}: <img src={image.get('src')!r}> has no alt text"
        for drawing in page.soup.select("article svg"):
            if drawing.find_parent(["a", "button", "label", "summary"]) or drawing.get("aria-hidden") == "true":
                continue
            label = description(drawing)
            if not label:
                yield f"{page.path}: a figure without role=img and aria-label, {str(drawing)[:60]}…"
            elif bool(CJK.search(label)) != (page.language == "zh"):
                yield f"{page.path}: the figure is not described in {page.language}: {label!r}"
        numbers = [int(number[1]) for caption in page.soup.select("figcaption .caption-prefix")
                   if (number := re.search(r"(\d+)\s*$", caption.text))]
        if numbers != list(range(1, len(page.soup.select("figure:has(.cell-figure)")) + 1)):
            yield f"{page.path}: figures with captions bear the numbers {numbers}"


def description(drawing: Tag) -> str:
    for element in [drawing, *drawing.parents]:
        if element.get("role") == "img":
            return element.get("aria-label", "").strip()
    return ""


def heads(site: Site) -> Iterator[str]:
    """Language, title, description, one first heading, and the page's own address where the site has one."""
    for page in site.pages.values():
        html = page.soup.html
        if not html.get("lang") or (page.language and html["lang"] != page.language):
            yield f"{page.path}: lang is {html.get('lang')!r}, expected {page.language!r}"
        if len(page.soup.find_all("h1")) != 1:
            yield f"{page.path}: {len(page.soup.find_all('h1'))} headings of level 1"
        if not page.soup.title or not page.soup.title.text.strip():
            yield f"{page.path}: no title"
        if page.is_404:
            continue
        said = page.soup.select_one("meta[name=description]")
        if not said or not said.get("content", "").strip():
            yield f"{page.path}: no description"
        elif page.language and bool(CJK.search(said["content"])) != (page.language == "zh"):
            yield f"{page.path}: the description is not in {page.language}: {said['content']!r}"
        canonical = page.soup.select_one("link[rel=canonical]")
        found, expected = canonical and canonical["href"], site.base + page.address
        if found != (None if site.base == NOWHERE else expected):
            yield f"{page.path}: its canonical address is {found}, expected {expected}"


def policies(site: Site) -> Iterator[str]:
    """The content security policy stands before all that it is to govern, and nothing that it refuses is there."""
    for page in site.pages.values():
        head = [element for element in page.soup.head.find_all(True) if element.name in ("meta", "link", "script")]
        if not head or head[0].get("http-equiv") != "Content-Security-Policy":
            yield f"{page.path}: its head does not begin with a content security policy"
            continue
        said = dict(part.split(maxsplit=1) for part in head[0]["content"].split(";"))
        if said.get("default-src") != "'self'" or re.search(r"unsafe|https?:|\*", head[0]["content"]):
            yield f"{page.path}: the policy allows more than the site itself: {head[0]['content']}"
        for element in page.soup.find_all(True):
            runs = element.name == "script" and "src" not in element.attrs and element.get("type") != "application/json"
            if runs or element.name == "style" or "style" in element.attrs:
                yield f"{page.path}: the policy refuses what is inline: {str(element)[:80]}"
            elif handlers := [name for name in element.attrs if name.startswith("on")]:
                yield f"{page.path}: the policy refuses {handlers[0]} on <{element.name}>"


LOCALES = {"zh": "zh_CN", "en": "en_GB"}


def social(site: Site) -> Iterator[str]:
    """What other sites show of a page is its own: title, description, address, language."""
    for page in site.pages.values():
        if not page.language or page.is_404:
            continue
        said = {element["property"]: element.get("content") for element in page.soup.select("meta[property^='og:']")}
        title = page.soup.title.text.strip() if page.soup.title else ""
        if not said.get("og:title") or not title.startswith(said["og:title"]):
            yield f"{page.path}: og:title is {said.get('og:title')!r}, expected the beginning of {title!r}"
        description = page.soup.select_one("meta[name=description]")
        if said.get("og:description") != (description and description.get("content")):
            yield f"{page.path}: og:description is {said.get('og:description')!r}, not the page's"
        kind = "website" if page.inner == "index.html" else "article"
        expected = {"og:locale": LOCALES[page.language], "og:type": kind}
        if site.base != NOWHERE:
            expected["og:url"] = site.base + page.address
        for name, value in expected.items():
            if said.get(name) != value:
                yield f"{page.path}: {name} is {said.get(name)!r}, expected {value!r}"


def cards(site: Site) -> Iterator[str]:
    """Other sites show a page with its first figure, or with that of the first page, and say what it shows."""
    with_figure = {page.address for page in site.pages.values() if page.soup.select_one(".cell-figure")}
    for page in site.pages.values():
        if page.is_404 or site.base == NOWHERE:
            continue
        said = {element["property"]: element["content"] for element in page.soup.select("meta[property^='og:image']")}
        shown = page.address if page.address in with_figure else f"{page.language or LANGUAGES[0]}/"
        name = shown.partition("/")[2].strip("/") or "index"
        expected = f"{site.base}assets/cards/{name}.png" if shown in with_figure else None
        if said.get("og:image") != expected:
            yield f"{page.path}: og:image is {said.get('og:image')!r}, expected {expected!r}"
        elif expected and page.language:
            figure = site.pages[f"{shown}index.html"].soup.select_one(".cell-figure")
            if said.get("og:image:alt") != figure["aria-label"]:
                yield f"{page.path}: og:image:alt is {said.get('og:image:alt')!r}, not what the figure shows"
        data = site.files.get(f"assets/cards/{name}.png", b"")
        if expected and (data[12:24] != CARD_SIZE or len(data) > CARD_LIMIT):
            yield f"{page.path}: its card is no PNG of 1200 × 630 pixels, or weighs more than {CARD_LIMIT:,} bytes"


def twins(site: Site) -> Iterator[str]:
    """Both languages show the same code, output, figures, values and display formulas."""
    paths = {language: {page.inner for page in site.in_language(language)} for language in LANGUAGES}
    yield from (f"{path}: in one language only" for path in sorted(paths["zh"] ^ paths["en"]))
    for path in sorted(paths["zh"] & paths["en"]):
        one, other = (shown(site.pages[f"{language}/{path}"]) for language in LANGUAGES)
        for kind in one:
            if len(one[kind]) != len(other[kind]):
                yield f"{path}: {len(one[kind])} × {kind} in zh, {len(other[kind])} in en"
            for number, (left, right) in enumerate(zip(one[kind], other[kind], strict=False), 1):
                if left != right:
                    yield f"{path}: {kind} {number} differs: {left[:200]!r} in zh, {right[:200]!r} in en"
                    break


def shown(page: Page) -> dict[str, list[str]]:
    select = page.soup.select
    return {
        "code": [element.text for element in select(".cell-code")],
        "output": [element.text for element in select(".cell-output:not([data-varies]) > pre")],
        "figure": [str(element) for element in select(".cell-figure > svg")],
        "value": sorted(element.text for element in select(".value")),
        "formula": [re.sub(r"(<mtext\b[^>]*>).*?</mtext>", r"\1</mtext>", str(element), flags=re.DOTALL)
                    for element in select(".equation math")],
        "equation number": [element.text for element in select(".equation-number")],
    }


def language_links(site: Site) -> Iterator[str]:
    """Every page leads to its twin; a page that has none, to the other language's first page; the root to both."""
    for page in site.pages.values():
        for language in LANGUAGES:
            if language == page.language:
                continue
            inner = page.inner if page.language and not page.is_404 else "index.html"
            found = [site.resolve(link["href"], page) for link in page.soup.select(f"a[hreflang={language}]")]
            if not found or any(target is None or target[0] != f"{language}/{inner}" for target in found):
                yield f"{page.path}: its links to {language} lead to {found}, expected {language}/{inner}"


def search_indexes(site: Site) -> Iterator[str]:
    """Each language has an index of its own pages, section by section, in its own language."""
    for language in LANGUAGES:
        path, path_of_index = (f"{language}/search/{name}.json" for name in ("sections", "search_index"))
        if not {path, path_of_index} <= site.files.keys():
            yield f"{path}, {path_of_index}: not there"
            continue
        index, docs = json.loads(site.files[path_of_index]), json.loads(site.files[path])["sections"]
        entries = {entry["location"]: entry for entry in docs}
        expected = {section for page in site.in_language(language) for section in sections(page)}
        yield from (f"{path}: {location!r} is not in it" for location in sorted(expected - entries.keys()))
        yield from (f"{path}: {location!r} is no section of {language}"
                    for location in sorted(entries.keys() - expected))
        text = re.sub(r"\s", "", "".join(entry["title"] + entry["text"] for entry in docs
                                        if not entry["location"].startswith("contributing/")))  # it shows markup
        share = len(CJK.findall(text)) / max(len(text), 1)
        if not (share > 0.2 if language == "zh" else share < 0.01):
            yield f"{path}: {share:.1%} of its characters are Chinese"
        if index["docs"]:
            yield f"{path_of_index}: a page that opens loads {len(index['docs'])} sections"
        if match := re.search(r"--8|\{python\}|\{#[\w-]+\}|\\\(|///", text):
            yield f"{path}: {match[0]!r} in {around(text, match)!r}"


def sections(page: Page) -> Iterator[str]:
    """Locations that a search can lead to: the page, its headings, the entries of a reference page."""
    address = page.address.removeprefix(f"{page.language}/")
    yield address
    for heading in page.soup.select("article :is(h2, h3, h4, h5, h6, dt, td)[id]"):
        yield f"{address}#{heading['id']}"


def sitemaps(site: Site) -> Iterator[str]:
    """Pages for lost readers at the root and in each language; sitemaps with each page and its twin."""
    yield from (f"{path}: not there" for path in ("404.html", "zh/404.html", "en/404.html") if path not in site.files)
    for language in LANGUAGES:
        path = f"{language}/sitemap.xml"
        if path not in site.files:
            yield f"{path}: not there"
            continue
        found = {loc: alternates for loc, alternates in read_sitemap(site.files[path])}
        pages = [] if site.base == NOWHERE else site.in_language(language)
        if (have := set(found)) != (want := {site.base + page.address for page in pages}):
            yield f"{path}: lists {sorted(have - want)} too many, lacks {sorted(want - have)}"
        for page in pages:
            inner = page.address.removeprefix(f"{language}/")
            default = f"{site.base}en/{inner}" if inner else site.base
            want = {code: f"{site.base}{code}/{inner}" for code in LANGUAGES} | {"x-default": default}
            if (have := found.get(site.base + page.address)) not in (None, want):
                yield f"{path}: {page.address} has the twins {have}, expected {want}"


def read_sitemap(data: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    for url in ET.fromstring(data).findall("s:url", space):
        yield (url.findtext("s:loc", "", space).strip(),
               {link.get("hreflang", ""): link.get("href", "") for link in url.findall("x:link", space)})


def weights(site: Site) -> Iterator[str]:
    """Pages are light, each kind in its own way: HTML, first visit, scripts, own style, figures."""
    for page in site.pages.values():
        for name, (weight, limit) in weight_of(site, page).items():
            if weight > limit:
                yield f"{page.path}: {name} weighs {weight:,} bytes, the limit is {limit:,}"


def weight_of(site: Site, page: Page) -> dict[str, tuple[int, int]]:
    """What of a page weighs how much and may weigh how much, in bytes."""
    scripts = [site.text(target[0]) for element in page.soup.select("script[src]")
               if (target := site.resolve(element["src"], page))]
    scripts += [script.text for script in page.soup.select("script:not([src], [type='application/json'])")]
    workers = f"{page.language}/assets/javascripts/workers/"
    worker = [site.text(path) for path in site.files
              if page.language and path.startswith(workers) and path.endswith(".js")]
    own = [site.text(target[0]) for element in page.soup.select("link[rel=stylesheet]")
           if (target := site.resolve(element["href"], page)) and "/stylesheets/" not in target[0]]
    own += [style.text for style in page.soup.find_all("style")]
    figures = [len(str(drawing).encode()) for drawing in page.soup.select(".cell-figure > svg")]
    page_limit, visit_limit = BUDGET[kind(page)]
    return {
        "the page, gzipped,": (gzipped(page.html), page_limit),
        f"a first visit to a {kind(page)} page": (gzipped(page.html) + first_visit(site, page), visit_limit),
        "script, raw,": (sum(len(script.encode()) for script in scripts), SCRIPT_LIMIT),
        "script with the search, gzipped,": (sum(map(gzipped, scripts + worker)), SEARCH_LIMIT),
        "own style": (sum(len(style.encode()) for style in own), STYLE_LIMIT),
        "the heaviest figure": (max(figures, default=0), FIGURE_LIMIT),
        "all figures together": (sum(figures), FIGURES_LIMIT),
    }


def kind(page: Page) -> str:
    """Which of the budgets a page has to keep."""
    if not page.language:
        return "root"
    if page.is_404:
        return "lost"
    if page.inner == "index.html":
        return "home"
    if page.inner.startswith("labs/"):
        return "lab"
    return "chapter" if page.soup.select_one(".cell") else "reference"


LOADED = "script[src], img[src], link[rel=stylesheet], link[rel=preload], link[rel=icon]"


def first_visit(site: Site, page: Page) -> int:
    """Bytes of what the page has a browser load, each file once: text gzipped, fonts as they are."""
    targets = {site.resolve(element.get("src") or element["href"], page) for element in page.soup.select(LOADED)}
    files = {target[0]: site.files[target[0]] for target in targets if target and target[0] in site.files}
    return sum(len(data) if path.endswith(".woff2") else gzipped(data) for path, data in files.items())


def gzipped(text: str | bytes) -> int:
    return len(gzip.compress(text if isinstance(text, bytes) else text.encode(), 6))


def build_report(site: Site) -> Iterator[str]:
    """build.json counts what the pages show, and the footer of every page says what the code ran with."""
    said = json.loads(site.text("build.json") or "{}")
    counts = ("blocks", "executed", "cached")
    if missing := {*counts, "seconds", "versions", "chapters"} - said.keys():
        yield f"build.json: lacks {sorted(missing)}"
        return
    for slug, chapter in {**said["chapters"], "": said}.items():
        if missing := {*counts, "seconds"} - chapter.keys():
            yield f"build.json: {slug} lacks {sorted(missing)}"
        elif chapter["executed"] + chapter["cached"] != chapter["blocks"] or chapter["seconds"] < 0:
            yield f"build.json: the numbers of {slug or 'the book'} do not add up: {chapter}"
    for key in counts:
        if said[key] != sum(chapter.get(key, 0) for chapter in said["chapters"].values()):
            yield f"build.json: {key} is not the sum over the chapters"
    for page in [*site.in_language("zh"), *site.in_language("en")]:
        slug = page.inner.removesuffix("index.html").strip("/") or "index"
        blocks, cells = said["chapters"].get(slug, {}).get("blocks", 0), len(page.soup.select(".cell"))
        if blocks != cells:
            yield f"build.json: {blocks} blocks in {slug}, but {page.path} shows {cells}"
    for page in site.pages.values():
        footer = " ".join(element.text for element in page.soup.find_all("footer")) if page.language else ""
        words = {"zh": "运行", "en": "ran with"}.get(page.language, "")
        for text in [words, *(f"{name} {said['versions'].get(name)}" for name in ("Python", "NumPy", "matplotlib"))]:
            if page.language and text not in footer:
                yield f"{page.path}: the footer does not say {text!r}"


CHECKS = (links, third_parties, stray_marks, ids, descriptions, heads, policies, social, cards, twins, language_links,
          search_indexes, sitemaps, weights, build_report)


# The book ---------------------------------------------------------------------------------------------------------

def read_site(folder: Path) -> Site:
    return Site({file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*"))
                 if file.is_file() and file.suffix != ".map"})


@pytest.fixture(scope="module")
def site(built_site: Path) -> Site:
    return read_site(built_site)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_book(check: Callable[[Site], Iterator[str]], site: Site) -> None:
    faults = list(check(site))
    assert not faults, "\n" + "\n".join(faults)


def test_a_site_with_an_address_below_a_host(small_site) -> None:
    """Canonical addresses, twins in the sitemap and links of the 404 pages, which are absolute, depend on it."""
    config = re.sub(r"^site_url:.*\n", "", (small_site.root / "mkdocs.yml").read_text("utf-8"), flags=re.MULTILINE)
    small_site.write("mkdocs.yml", f"site_url: https://example.org/a/book/\n{config}")
    done = small_site.build("--strict")
    assert done.returncode == 0, done.stdout
    built = read_site(small_site.root / "site")
    assert built.base == "https://example.org/a/book/"
    faults = [fault for check in (links, language_links, sitemaps, cards) for fault in check(built)]
    assert not faults, "\n" + "\n".join(faults)
    assert [fault for fault in heads(built) if "canonical" in fault] == []


# Planted faults ---------------------------------------------------------------------------------------------------

WORDS = {"en": ("A page", "A line", "Solved", "Figure 1", "ran with"),
         "zh": ("这一页", "一条线", "解答", "图 1", "运行于")}
POLICY = """<meta http-equiv="Content-Security-Policy" content="default-src 'self'; object-src 'none'">"""
PAGE = """<!doctype html><html lang="{language}"><head>{policy}<title>{page}</title>
<meta property="og:title" content="{page}">
<meta property="og:description" content="{page}"><meta property="og:url" content="https://example.org/{path}">
<meta property="og:image" content="https://example.org/assets/cards/{slug}.png">
<meta property="og:image:alt" content="{line}">
<meta property="og:locale" content="{locale}"><meta property="og:type" content="{type}">
<meta name="description" content="{page}"><link rel="canonical" href="https://example.org/{path}">
<link rel="stylesheet" href="/assets/book.css"></head><body><template><script src="/assets/book.js"></script></template>
<a href="/{other}/{inner}" hreflang="{other}">→</a><img src="/assets/logo.svg" alt="">
<article><h1 id="{slug}">{page}</h1><p>{page}. <a href="#part">1</a> <a href="/{other}/{inner}#part">2</a> 3</p>
<div class="equation"><math><mi>x</mi><mtext>{page}</mtext></math></div>
<figure><div class="cell"><div class="cell-code"><pre><code>x = 2 ** 3</code></pre></div>
<div class="cell-output"><pre class="cell-stdout">8</pre><div class="cell-figure" role="img" aria-label="{line}"><svg>
<defs><path id="b1-1" d="M0 0"/></defs><use href="#b1-1" clip-path="url(#b1-1)"/></svg></div></div></div>
<figcaption><p><span class="caption-prefix">{figure}</span> {line}</p></figcaption></figure>
<h2 id="part">{solved}</h2><p><span class="value">8</span></p></article>
<footer>{ran} Python 3.11.2, NumPy 2.1.0, matplotlib 3.9.0</footer></body></html>"""
BARE = f"""<html lang="en"><head>{POLICY}<title>Book</title><meta name="description" content="Book">
<meta property="og:image" content="https://example.org/assets/cards/index.png">
<link rel="canonical" href="https://example.org/"></head><body><h1>Book</h1>
<a href="/zh/" hreflang="zh">中文</a> <a href="/en/" hreflang="en">English</a></body></html>"""
ENTRY = """<url><loc>https://example.org/{language}/{inner}</loc>
<x:link xmlns:x="http://www.w3.org/1999/xhtml" hreflang="zh" href="https://example.org/zh/{inner}"/>
<x:link xmlns:x="http://www.w3.org/1999/xhtml" hreflang="en" href="https://example.org/en/{inner}"/>
<x:link xmlns:x="http://www.w3.org/1999/xhtml" hreflang="x-default" href="https://example.org/{default}"/></url>"""


def sound_site() -> dict[str, str]:
    """The files of a book of a first page and one chapter, in which no check finds a fault."""
    files = {"index.html": BARE, "404.html": BARE, "assets/book.js": "// small", "assets/logo.svg": "<svg></svg>",
             "assets/cards/index.png": f"PNG.........{CARD_SIZE.decode('latin-1')}",
             "assets/book.css": "@font-face { src: url(fonts/math.woff2) }", "assets/fonts/math.woff2": ""}
    files["assets/cards/loss.png"] = files["assets/cards/index.png"]
    for language, other in (("zh", "en"), ("en", "zh")):
        page, line, solved, figure, ran = WORDS[language]
        docs, entries = [], ""
        for inner, slug in (("", "index"), ("loss/", "loss")):
            files[f"{language}/{inner}index.html"] = PAGE.format(
                language=language, other=other, inner=inner, slug=slug, path=f"{language}/{inner}", page=page,
                line=line, solved=solved, figure=figure, ran=ran, policy=POLICY, locale=LOCALES[language],
                type="article" if inner else "website")
            docs += [{"location": inner, "title": page, "text": line},
                     {"location": f"{inner}#part", "title": solved, "text": ""}]
            entries += ENTRY.format(language=language, inner=inner, default=f"en/{inner}" if inner else "")
        files[f"{language}/404.html"] = re.sub(r'href="(/..)/[^"#]*" hreflang', r'href="\1/" hreflang',
                                              files[f"{language}/index.html"])
        files[f"{language}/search/search_index.json"] = json.dumps({"config": {}, "docs": []})
        files[f"{language}/search/sections.json"] = json.dumps({"sections": docs})
        files[f"{language}/assets/javascripts/workers/search.min.js"] = "// small"
        files[f"{language}/sitemap.xml"] = (
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>')
    counts = {"blocks": 1, "executed": 1, "cached": 0, "seconds": 0.5}
    versions = {"Python": "3.11.2", "NumPy": "2.1.0", "matplotlib": "3.9.0"}
    files["build.json"] = json.dumps({"blocks": 2, "executed": 2, "cached": 0, "seconds": 1.0, "versions": versions,
                                      "chapters": {"index": counts, "loss": counts}})
    return files


def encoded(files: Mapping[str, str]) -> Site:
    return Site({path: text.encode("latin-1" if path.endswith(".png") else "utf-8") for path, text in files.items()})


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_sound_site_has_no_faults(check: Callable[[Site], Iterator[str]]) -> None:
    assert list(check(encoded(sound_site()))) == []


LOSS = "en/loss/index.html"
HEAVY = random.Random(0).randbytes(130_000).hex()  # packs to little more than its bytes
# (check, file, what stands there, what stands there instead, words of the fault)
PLANTED = [
    (links, LOSS, "/zh/loss/#part", "/zh/loss/#other", "#other"),
    (links, LOSS, 'href="#part"', 'href="#other"', "#other"),
    (links, LOSS, 'href="#part"', 'href="../los/"', "en/los/index.html, which is not there"),
    (links, "en/404.html", 'href="#part"', 'href="/loss/"', "loss/index.html, which is not there"),
    (links, "404.html", 'href="/zh/"', 'href="/cn/"', "cn/index.html"),
    (links, LOSS, "/assets/logo.svg", "../../logo.svg", "logo.svg, which is not there"),
    (links, "assets/book.css", "fonts/math", "font/math", "assets/font/math.woff2"),
    (third_parties, LOSS, "/assets/logo.svg", "https://cdn.example.com/logo.svg", "cdn.example.com"),
    (third_parties, LOSS, "/assets/book.js", "//cdn.example.com/book.js", "cdn.example.com"),
    (third_parties, LOSS, "/assets/book.css", "https://cdn.example.com/book.css", "cdn.example.com"),
    (third_parties, LOSS, '<link rel="can', '<link rel="preconnect" href="https://fonts.example.com"><link rel="can',
     "fonts.example.com"),
    (third_parties, LOSS, '<use href="#b1-1"', '<use href="https://cdn.example.com/a.svg#b"', "cdn.example.com"),
    (third_parties, LOSS, "<h2", '<p style="background: url(//cdn.example.com/a.png)"></p><h2', "cdn.example.com"),
    (third_parties, LOSS, "<h2", '<script>fetch("https://api.example.com/x")</script><h2', "api.example.com"),
    (third_parties, LOSS, "<h2", '<a data-md-component="source"></a><h2', "api.github.com"),
    (third_parties, "assets/book.css", "@font-face", '@import "https://fonts.example.com/x.css"; @font-face',
     "fonts.example.com"),
    (third_parties, "assets/book.css", "url(fonts/", "url(https://fonts.example.com/", "fonts.example.com"),
    (third_parties, "assets/book.js", "// small", 'import("https://cdn.example.com/x.js")', "cdn.example.com"),
    (third_parties, "assets/logo.svg", "<svg>", '<svg><image href="https://cdn.example.com/x.png"/>', "cdn.example"),
    *((stray_marks, LOSS, "A page. ", f"A page. {mark} x ", f"{mark!r} in 'A page")
      for mark in ("--8", "**", "`", "{#", "{python}", "///", "$", r"\(", r"\[", r"\eqref", "](", "|---")),
    (stray_marks, LOSS, "A page. ", "A page.\n## Heading ", "'##'"),
    (stray_marks, LOSS, "A page. ", "A page:\n- first\n- second ", "'-'"),
    (stray_marks, LOSS, "A page. ", "A page:\n1. first ", "'1.'"),
    (stray_marks, LOSS, "x = 2", '--8<-- "loss.py:a"', "in the page's source"),
    (stray_marks, LOSS, 'aria-label="A line', 'aria-label="A line $x$', "'$'"),
    (ids, LOSS, 'id="part"', 'id=""', "an empty id"),
    (ids, LOSS, 'id="part"', 'id="b1-1"', "'b1-1' stands 2 times"),
    (ids, LOSS, "url(#b1-1)", "url(#b2-1)", "url(#b2-1)"),
    (descriptions, LOSS, 'alt=""', "", "no alt text"),
    (descriptions, LOSS, "<h2", '<img src="a.png" alt=""><h2', "no alt text"),
    (descriptions, LOSS, 'role="img" ', "", "without role=img"),
    (descriptions, LOSS, 'aria-label="A line"', 'aria-label=" "', "without role=img"),
    (descriptions, "zh/loss/index.html", 'aria-label="一条线"', 'aria-label="A line"', "not described in zh"),
    (descriptions, LOSS, 'aria-label="A line"', 'aria-label="一条线"', "not described in en"),
    (descriptions, LOSS, "Figure 1", "Figure 2", "bear the numbers [2]"),
    (heads, LOSS, 'lang="en"', 'lang="zh"', "lang is 'zh'"),
    (heads, LOSS, "h1", "h3", "0 headings of level 1"),
    (heads, LOSS, "h2", "h1", "2 headings of level 1"),
    (heads, LOSS, "<title>A page", "<title>", "no title"),
    (heads, LOSS, 'name="description" content="A page"', 'name="description" content=""', "no description"),
    (heads, LOSS, 'content="A page"', 'content="这一页"', "not in en"),
    (heads, LOSS, "example.org/en/loss/", "example.org/loss/", "expected https://example.org/en/loss/"),
    (heads, LOSS, '<link rel="canonical" href="https://example.org/en/loss/">', "", "address is None"),
    (policies, LOSS, POLICY, "", "does not begin with a content security policy"),
    (policies, "404.html", POLICY, "", "does not begin with a content security policy"),
    (policies, LOSS, POLICY, f"<script src='/assets/book.js'></script>{POLICY}", "does not begin with"),
    (policies, LOSS, "object-src 'none'", "script-src 'self' 'unsafe-inline'", "allows more than the site"),
    (policies, LOSS, "object-src 'none'", "img-src *", "allows more than the site"),
    (policies, LOSS, "object-src 'none'", "font-src https://fonts.example.com", "allows more than the site"),
    (policies, LOSS, "<h2", "<script>go()</script><h2", "inline: <script>go()"),
    (policies, LOSS, "<h2", "<style>p {}</style><h2", "inline: <style>"),
    (policies, LOSS, "<h2", '<p style="color: red"></p><h2', 'inline: <p style="color: red"'),
    (policies, LOSS, "<h2", '<p onclick="go()"></p><h2', "refuses onclick on <p>"),
    (social, LOSS, 'og:title" content="A page"', 'og:title" content="A book"', "og:title is 'A book'"),
    (social, LOSS, '<meta property="og:title" content="A page">', "", "og:title is None"),
    (social, LOSS, 'description" content="A page"><meta property="og:url', 'description"><meta property="og:url',
     "og:description is None"),
    (social, LOSS, 'og:url" content="https://example.org/en/', 'og:url" content="https://example.org/', "og:url is"),
    (social, LOSS, "en_GB", "zh_CN", "og:locale is 'zh_CN'"),
    (social, LOSS, "article", "website", "og:type is 'website'"),
    (cards, LOSS, "cards/loss.png", "cards/index.png", "expected 'https://example.org/assets/cards/loss.png'"),
    (cards, LOSS, "example.org/assets/cards", "cdn.example.com/cards", "og:image is 'https://cdn.example.com"),
    (cards, "index.html", "https://example.org/assets/cards", "/assets/cards", "og:image is '/assets"),
    (cards, LOSS, 'alt" content="A line', 'alt" content="A loss', "og:image:alt is 'A loss'"),
    (cards, "assets/cards/loss.png", "IHDR", "IDAT", "no PNG of 1200"),
    (cards, "assets/cards/loss.png", "PNG", "x" * CARD_LIMIT, "no PNG of 1200"),
    (twins, LOSS, "x = 2", "x = 3", "code 1 differs"),
    (twins, LOSS, "<mi>x</mi>", "<mi>y</mi>", "formula 1 differs"),
    (twins, LOSS, ">8</pre>", ">9</pre>", "output 1 differs"),
    (twins, LOSS, "M0 0", "M0 1", "figure 1 differs"),
    (twins, LOSS, '"value">8', '"value">9', "value 1 differs"),
    (twins, LOSS, "<h2", '<div class="equation"><math></math></div><h2', "1 × formula in zh, 2 in en"),
    (language_links, LOSS, 'href="/zh/loss/" hreflang', 'href="/zh/" hreflang', "expected zh/loss/index.html"),
    (language_links, LOSS, ' hreflang="zh"', "", "lead to []"),
    (language_links, "index.html", ' hreflang="en"', "", "index.html: its links to en"),
    (search_indexes, "en/search/sections.json", '"loss/#part"', '"loss/#other"', "'loss/#part' is not in it"),
    (search_indexes, "en/search/sections.json", '"loss/#part"', '"loss/#other"', "no section of en"),
    (search_indexes, "en/search/sections.json", "A line", "一条线，又一条线", "are Chinese"),
    (search_indexes, "zh/search/sections.json", "\\u4e00\\u6761\\u7ebf", "A line, and another line", "are Chinese"),
    (search_indexes, "zh/search/search_index.json", "[]", "[1]", "a page that opens loads 1 sections"),
    (search_indexes, "en/search/sections.json", "A line", "A {python} line", "'{python}'"),
    (sitemaps, "en/sitemap.xml", "<loc>https://example.org/en/loss/", "<loc>https://example.org/loss/", "lacks"),
    (sitemaps, "en/sitemap.xml", 'href="https://example.org/zh/loss/"', 'href="https://example.org/zh/"', "the twins"),
    (sitemaps, "en/sitemap.xml", 'hreflang="x-default"', 'hreflang="fr"', "has the twins"),
    (weights, LOSS, "<h2", f"{HEAVY}<h2", "the page, gzipped, weighs"),
    (weights, "en/index.html", "<h2", f"{HEAVY[:30_000]}<h2", "the page, gzipped, weighs"),
    (weights, "en/404.html", "<h2", f"{HEAVY[:16_000]}<h2", "the page, gzipped, weighs"),
    (weights, "404.html", "<h1", f"{HEAVY[:6_000]}<h1", "the page, gzipped, weighs"),
    (weights, "assets/logo.svg", "<svg>", f"<svg>{HEAVY}{HEAVY[::-1]}", "a first visit to a chapter page weighs"),
    (weights, "assets/book.js", "// small", "//" + "x" * SCRIPT_LIMIT, "script, raw, weighs"),
    (weights, "assets/book.js", "// small", HEAVY, "script with the search, gzipped, weighs"),
    (weights, "en/assets/javascripts/workers/search.min.js", "// small", HEAVY, "with the search, gzipped, weighs"),
    (weights, "assets/book.css", "@font-face", "/*" + "x" * 30_000 + "*/ @font-face", "own style weighs"),
    (weights, LOSS, "M0 0", "M0 0" * 40_000, "the heaviest figure weighs"),
    (weights, LOSS, "<h2", f'<div class="cell-figure"><svg><path d="{"M0 0" * 35_000}"/></svg></div>' * 3 + "<h2",
     "all figures together weighs"),
    (build_report, "build.json", '"versions"', '"version"', "lacks ['versions']"),
    (build_report, "build.json", '{"blocks": 2', '{"blocks": 3', "blocks is not the sum"),
    (build_report, "build.json", '"cached": 0', '"cached": 1', "do not add up"),
    (build_report, LOSS, 'class="cell"', 'class="cel"', "1 blocks in loss, but en/loss/index.html shows 0"),
    (build_report, LOSS, "ran with", "with", "does not say 'ran with'"),
    (build_report, "zh/404.html", "NumPy 2.1.0", "NumPy 2.0.0", "does not say 'NumPy 2.1.0'"),
]


@pytest.mark.parametrize(("check", "path", "old", "new", "words"), PLANTED,
                         ids=[f"{number}-{row[0].__name__}" for number, row in enumerate(PLANTED)])
def test_a_planted_fault_is_found(check, path: str, old: str, new: str, words: str) -> None:
    files = sound_site()
    assert old in files[path], f"{old!r} is not in {path}"
    files[path] = files[path].replace(old, new)
    found = list(check(encoded(files)))
    assert any(words in fault for fault in found), found or "nothing was found"
    if path.startswith(("zh/", "en/")):
        assert all(path.removeprefix("en/") in fault for fault in found if check not in (links, weights)), found


@pytest.mark.parametrize(("check", "path"), [
    (sitemaps, "404.html"), (sitemaps, "zh/404.html"), (sitemaps, "en/sitemap.xml"),
    (search_indexes, "zh/search/sections.json"), (twins, "zh/loss/index.html"), (build_report, "build.json")])
def test_a_missing_file_is_found(check, path: str) -> None:
    files = sound_site()
    del files[path]
    assert list(check(encoded(files)))

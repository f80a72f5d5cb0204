"""The offline copies: a zip per language that a browser opens from a folder."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import browsing
import pytest
from browsing import LANGUAGES, Browser, is_in_view
from parsed import parsed

from book_engine.mkdocs.polish import flat_links
from book_engine.publish import publish as offline
from book_engine.source.errors import BookError

ROOT = Path(__file__).resolve().parents[3]
WORDS = {"zh": "中位数", "en": "median"}  # of the chapter on the loss


def make_copies(root: Path, target: Path, environment: dict[str, str]) -> dict[str, Path]:
    """The zips that the command makes of the book in `root`, by language."""
    target.mkdir()
    made = {language: target / f"book-{language}.zip" for language in LANGUAGES}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        offline.make_copies(root, made)
    return made


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory, built_copy: Path, plain_environment) -> dict[str, Path]:
    """The copies of the real book, whose code has run already, unpacked: folders by language."""
    target = tmp_path_factory.mktemp("offline")
    made = make_copies(built_copy, target / "zips", plain_environment())
    for file in made.values():
        zipfile.ZipFile(file).extractall(target)
    return {language: target / file.stem for language, file in made.items()}


def unanswered(folder: Path) -> Iterator[str]:
    """What pages and style sheets name that the folder does not hold. Other hosts may be linked, not loaded."""
    for file in sorted(folder.rglob("*.html")):
        soup = parsed(file.read_text("utf-8"))
        for element in soup.select("[href], [src]"):
            if element.name == "link" and {"canonical", "alternate"} & set(element.get("rel", [])):
                continue
            address = urlsplit(element.get("href") or element.get("src"))
            is_link = element.name == "a"
            if address.scheme or address.netloc:
                if not is_link and address.scheme != "data":
                    yield f"{file.relative_to(folder)}: loads {address.geturl()}"
            elif address.path and not (file.parent / unquote(address.path)).is_file():
                yield f"{file.relative_to(folder)}: {address.path} is no file of the copy"
    for file in sorted(folder.rglob("*.css")):
        for address in re.findall(r"""url\(["']?(?!data:|#)([^)"']+)""", file.read_text("utf-8")):
            if not (file.parent / address).is_file():
                yield f"{file.relative_to(folder)}: {address} is no file of the copy"


def test_a_copy_for_each_language(copies: dict[str, Path]) -> None:
    assert set(copies) == set(LANGUAGES)
    for language, folder in copies.items():
        pages = {path.removesuffix(".md") for path in (file.name for file in (ROOT / "docs" / language).glob("*.md"))}
        assert {file.stem for file in (folder / language).glob("*.html")} == pages
        assert list(unanswered(folder)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_browser_opens_it_from_a_folder(browser: Browser, copies: dict[str, Path], language: str) -> None:
    read(browser, f"{copies[language].as_uri()}/", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_server_it_is_a_mirror(browser: Browser, copies: dict[str, Path], language: str) -> None:
    with browsing.served(copies[language].parent) as address:
        read(browser, f"{address}{copies[language].name}/", language)


def read(browser: Browser, start: str, language: str) -> None:
    """From the first page by the search to a chapter; nothing may go wrong, nothing be asked of another place."""
    context = browser.new_context()
    faults: list[str] = []
    context.on("request", lambda asked: asked.url.startswith((start, "data:")) or faults.append(asked.url))
    context.on("response", lambda found: found.status < 400 or faults.append(f"{found.status} {found.url}"))
    page = context.new_page()
    page.on("console", lambda said: said.type in ("error", "warning") and faults.append(said.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{start}index.html")
    page.wait_for_url(f"**/{language}/index.html")
    page.locator(".md-search__input").click()
    page.locator(".md-search__input").press_sequentially(WORDS[language])
    page.locator(".md-search__input").press("End")
    found = page.locator("a.md-search-result__link[href*='/loss.html']").first
    found.wait_for(state="visible")
    found.click()
    page.wait_for_url(f"**/{language}/loss.html**")
    for selector in (".equation math mi", ".cell-code code span", ".cell-stdout", ".cell-figure svg text"):
        assert is_in_view(page, selector), selector
    page.wait_for_function("document.fonts.status === 'loaded'")
    assert page.evaluate("[...document.fonts].some(font => font.status === 'loaded')")
    assert page.locator(".book-language").count() == 0
    context.close()
    assert faults == []


def test_the_same_book_gives_the_same_bytes(make_site, tmp_path: Path, plain_environment) -> None:
    made = []
    for name, seed in (("one", "1"), ("another", "2")):
        site = make_site(tmp_path / name)
        made.append(make_copies(site.root, tmp_path / f"{name}-zips", plain_environment(PYTHONHASHSEED=seed)))
    for language in LANGUAGES:
        first, second = (copy[language].read_bytes() for copy in made)
        assert first == second, f"the copies in {language} differ"
        names = zipfile.ZipFile(made[0][language]).namelist()
        assert len({posixpath.normpath(name).split("/")[0] for name in names}) == 1  # it unpacks into one folder


@pytest.mark.parametrize(("page", "link", "flat"), [
    ("loss", "../batches/#eq-a", "batches.html#eq-a"), ("index", "loss/#a", "loss.html#a"),
    ("loss", "../", "index.html"),
    ("labs/first", "../../loss/#a", "../loss.html#a"), ("loss", "../labs/first/", "labs/first.html"),
    ("loss", "batches.html#a", "batches.html#a"), ("loss", "#a", "#a"), ("loss", "https://a.b/c/", "https://a.b/c/")])
def test_links_to_folders_become_links_to_files(page: str, link: str, flat: str) -> None:
    assert flat_links(f'<a class="eqref" href="{link}">', page) == f'<a class="eqref" href="{flat}">'


@pytest.mark.parametrize(("html", "words"), [
    ('<a href="loss/">a page by its folder</a>', "loss/ is no file"),
    ('<a href="/en/">from the root</a>', "/en/ is no file"),
    ('<script src="https://cdn.example.com/a.js"></script>', "loads https://cdn.example.com"),
    ('<img src="lost.png">', "lost.png is no file")])
def test_a_planted_fault_is_found(tmp_path: Path, html: str, words: str) -> None:
    (tmp_path / "sound.html").write_text('<a href="https://example.com/">a</a><a href="sound.html#x">b</a>', "utf-8")
    assert list(unanswered(tmp_path)) == []
    (tmp_path / "page.html").write_text(html, "utf-8")
    assert any(words in fault for fault in unanswered(tmp_path))


def test_a_book_that_does_not_build_is_not_published(make_site, tmp_path: Path) -> None:
    site = make_site(tmp_path / "broken")
    site.edit("docs/en/loss.md", "\\eqref{loss}", "\\eqref{lost}")
    with pytest.raises(BookError, match="refused the book"):
        offline.build(site.root, tmp_path / "site")

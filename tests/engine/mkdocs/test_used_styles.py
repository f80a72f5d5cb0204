"""engine/mkdocs/used_styles.py, engine/mkdocs/theme_styles.py: the theme's style sheet without what no page uses."""

from __future__ import annotations

import io
from pathlib import Path

import material
import pytest
from browsing import LANGUAGES, PHONE, WIDE, Browser, Page, Reader
from PIL import Image, ImageChops
from sweep import IN_SCHEME

from book_engine.mkdocs.theme_styles import trim_theme
from book_engine.mkdocs.used_styles import classes, used_styles, words
from book_engine.run.cache import Cache

NOISE = 1000  # pixels, of two million: Chromium smooths an edge now so, now so
STILL = """async () => {  // until all that slides in, or changes its colour, has done so
  await new Promise((frame) => requestAnimationFrame(() => requestAnimationFrame(frame)));
  await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})));
}"""
SHEETS = Path(material.__file__).parent / "templates" / "assets" / "stylesheets"


@pytest.mark.parametrize(("css", "left"), [
    (".a{color:red}.b{color:red}", ".a{color:red}"),
    (".a .b,.a .c,.a>p{color:red}", ".a .c,.a>p{color:red}"),
    (".b:hover{color:red}", ""),
    (".a:not(.b){color:red}", ".a:not(.b){color:red}"),
    (".a:is(.b,.c){color:red}", ".a:is(.b,.c){color:red}"),
    ("[dir=ltr] .a{left:0}[dir=rtl] .a{right:0}", "[dir=ltr] .a{left:0}"),
    ('[dir="rtl"] p{right:0}', ""),
    ("@media print{.a{top:0}.b{top:0}}", "@media print{.a{top:0}}"),
    ("@media print{.b{top:0}}@media screen{@supports (top:0){.a{top:0}}}",
     "@media screen{@supports (top:0){.a{top:0}}}"),
    ('@charset "utf-8";@font-face{font-family:F}@keyframes b{to{top:0}}p{top:0}',
     '@charset "utf-8";@font-face{font-family:F}@keyframes b{to{top:0}}p{top:0}'),
    (":root{--one:1;--two:2}p{top:var(--two)}", ":root{--two:2}p{top:var(--two)}"),
    (":root{--one:var(--two);--two:2}p{top:0}", "p{top:0}"),
    (":root{--icon:url('data:a;b{c}');--beside:2}p{top:var(--icon)}",
     ":root{--icon:url(\"data:a;b{c}\");--beside:2}p{top:var(--icon)}"),
    ("", ""),
])
def test_what_stays(css: str, left: str) -> None:
    assert used_styles(css, {"a", "c"}, "x{top:var(--beside)}") == left
    assert used_styles(left, {"a", "c"}, "x{top:var(--beside)}") == left


def test_a_broken_style_sheet_is_named() -> None:
    with pytest.raises(ValueError, match="not CSS, at line 2"):
        used_styles("p{top:0}\n}", set())


def test_names() -> None:
    assert classes('<p class="a b-c">class="d"</p><i data-class="e" class=""></i>') == {"a", "b-c"}
    assert words('e.classList.add("md-x--y")') >= {"md-x--y", "classList"}


@pytest.mark.parametrize("cached", [True, False])
def test_a_language_is_written_anew(tmp_path: Path, cached: bool) -> None:
    page, sheet = tmp_path / "zh/loss/index.html", tmp_path / "zh/assets/stylesheets/main.css"
    script, own = tmp_path / "zh/assets/javascripts/bundle.js", tmp_path / "assets/book.css"
    for file, text in ((page, '<p class="a">'), (sheet, ".a{top:0}.b{top:0}.c{top:0}:root{--d:0;--e:0}"),
                       (script, 'add("b")'), (own, "p{top:var(--d)}")):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    cache = Cache(tmp_path / "cache", cached, ".css")
    trim_theme(tmp_path / "zh", tmp_path / "assets", cache)
    assert sheet.read_text("utf-8") == ".a{top:0}.b{top:0}:root{--d:0}"
    assert len(list((tmp_path / "cache").rglob("*.css"))) == cached
    page.write_text('<p class="c">', "utf-8")
    sheet.write_text(".a{top:0}.b{top:0}.c{top:0}", "utf-8")
    trim_theme(tmp_path / "zh", tmp_path / "assets", cache)
    assert sheet.read_text("utf-8") == ".b{top:0}.c{top:0}"


def looks(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot(full_page=True, animations="disabled", caret="hide"))).convert("RGB")


def states(reader: Reader, path: str, phone: bool) -> list[Image.Image]:
    """The page as it comes in, in the dark, on paper, with the menu or the search open."""
    page = reader.open(path)
    found = [looks(page)]
    for scheme, media in (("dark", "screen"), ("light", "print"), ("light", "screen")):
        page.emulate_media(color_scheme=scheme, media=media)
        page.wait_for_function(IN_SCHEME, arg=scheme)
        page.evaluate(STILL)
        found.append(looks(page))
    page.locator("label.md-header__button[for=__drawer]" if phone else ".md-search__input").click()
    if not phone:
        page.locator(".md-search__input").press_sequentially("MAE")
        page.locator("a.md-search-result__link").first.wait_for(state="visible")
    page.evaluate(STILL)
    return [*found, looks(page)]


def differences(browser: Browser, address: str, path: str, window: dict, css: str) -> list[int]:
    """The states in which a page with this theme's style sheet looks other than the built one."""
    seen = []
    for replaced in (False, True):
        reader = Reader(browser, address, viewport=window)
        if replaced:
            reader.page.route("**/stylesheets/main.*", lambda route: route.fulfill(content_type="text/css", body=css))
        seen.append(states(reader, path, window is PHONE))
        reader.context.close()
    return [number for number, (one, other) in enumerate(zip(*seen, strict=True))
            if one.size != other.size or differing(one, other) > NOISE]


def differing(one: Image.Image, other: Image.Image) -> int:
    """How many pixels are not the same."""
    return one.width * one.height - ImageChops.difference(one, other).convert("L").histogram()[0]


@pytest.mark.parametrize(("page", "window"), [
    ("", WIDE), ("loss/", WIDE), ("questions/", WIDE), ("labs/digit-classifier/", PHONE)],
    ids=["home", "chapter", "reference", "lab on a phone"])
def test_pages_look_as_with_the_whole_style_sheet(browser: Browser, address: str, page: str, window: dict) -> None:
    css = next(SHEETS.glob("main.*.min.css")).read_text("utf-8")
    assert differences(browser, address, f"{LANGUAGES[0]}/{page}", window, css) == []


def test_a_rule_that_is_missing_is_seen(browser: Browser, address: str, built_site: Path) -> None:
    css = next((built_site / "zh/assets/stylesheets").glob("main.*.css")).read_text("utf-8")
    assert ".md-search-result__article{" in css
    assert differences(browser, address, "zh/loss/", WIDE, css.replace(".md-search-result__article{", ".x{")) == [4]

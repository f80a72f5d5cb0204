"""The built site in a browser: what a reader sees, clicks and finds.

Playwright drives the machine's own Chromium; it downloads none. Without either the tests are skipped, on a machine
with CI set they fail.
"""

from __future__ import annotations

import functools
import http.server
import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--no-first-run"]
CHAPTERS = ("loss", "gradient-descent")
LANGUAGES = ("zh", "en")
OTHER = {"zh": "en", "en": "zh"}
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}

try:
    from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, sync_playwright
except ImportError:  # the tests say so
    sync_playwright = None


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: what fails is seen in the browser."""


@pytest.fixture(scope="module")
def address(built_site: Path) -> Iterator[str]:
    """Where the built site is served."""
    handler = functools.partial(Silent, directory=str(built_site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def chromium() -> str:
    """The program that the tests drive; without it, or without Playwright, the test is skipped or, in CI, fails."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if sync_playwright is not None and program is not None:
        return program
    what = "the package playwright" if sync_playwright is None else f"Chromium ({', '.join(NAMES)})"
    (pytest.fail if os.environ.get("CI") else pytest.skip)(f"browser tests need {what}, which is not installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


class Reader:
    """A browser window of one reader, and what went wrong in it."""

    def __init__(self, browser: Browser, address: str, **settings: object) -> None:
        self.address, self.faults = address, []
        self.context: BrowserContext = browser.new_context(**{"viewport": WIDE} | settings)
        self.context.set_default_timeout(10_000)
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda said: said.type in ("error", "warning") and self.faults.append(said.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("response", self._answered)
        self.page.on("request", self._asked)

    def _answered(self, answer: Response) -> None:
        if answer.status >= 400:
            self.faults.append(f"{answer.status} {answer.url}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"asked another host: {request.url}")

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path, wait_until="load")
        return self.page


@pytest.fixture
def reader(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """A reader with the settings of the test's parameter; at the end, nothing may have gone wrong."""
    reader = Reader(browser, address, **getattr(request, "param", {}))
    yield reader
    reader.context.close()
    assert reader.faults == []


IN_VIEW = """element => {
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0
    && box.left < innerWidth && element.checkVisibility({opacityProperty: true, visibilityProperty: true});
}"""


def is_in_view(page: Page, selector: str) -> bool:
    found = page.locator(selector).first
    found.scroll_into_view_if_needed()
    return found.evaluate(IN_VIEW)


@pytest.mark.parametrize("chapter", CHAPTERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chapter_shows_formula_code_output_and_figure(reader: Reader, language: str, chapter: str) -> None:
    page = reader.open(f"{language}/{chapter}/")
    for selector in (".equation math mi", ".math math mi", ".equation-number", ".cell-code code span", "figcaption",
                     ".cell-output > .cell-stdout", ".cell-figure svg > :not(defs)", ".cell-figure svg text"):
        assert is_in_view(page, selector), selector
    page.wait_for_function("document.fonts.status === 'loaded'")
    fonts = page.evaluate("[...document.fonts].filter(font => font.status === 'loaded').map(font => font.family)")
    assert any("STIX Two Math" in font for font in fonts)
    family = page.locator(".equation math").first.evaluate("element => getComputedStyle(element).fontFamily")
    assert family.split(",")[0].strip("\"' ") == "STIX Two Math"


def test_formulas_are_drawn_with_the_font_that_was_cut_for_them(reader: Reader) -> None:
    """Every character of every formula is in the subset: none is drawn with a font of the reader's machine."""
    page = reader.open("en/loss/")
    client = reader.context.new_cdp_session(page)
    client.send("DOM.enable")
    client.send("CSS.enable")
    root = client.send("DOM.getDocument")["root"]["nodeId"]
    used = set()
    for node in client.send("DOM.querySelectorAll", {"nodeId": root, "selector": "math :is(mi, mo, mn)"})["nodeIds"]:
        used |= {(font["familyName"], font["isCustomFont"])
                 for font in client.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]}
    assert used == {("STIX Two Math", True)}


FOURTH, FIFTH = re.findall(r"^## .*\{#([\w-]+)\}$", (ROOT / "docs/en/loss.md").read_text("utf-8"), re.MULTILINE)[3:5]
TOP = """id => document.getElementById(id).getBoundingClientRect().top"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_switch_keeps_page_and_section(reader: Reader, language: str) -> None:
    page = reader.open(f"{language}/loss/#{FOURTH}")
    for there in (OTHER[language], language):
        page.locator(f"a[hreflang={there}]:visible").first.click()
        page.wait_for_url(f"{reader.address}{there}/loss/#{FOURTH}")
        page.wait_for_function(f"0 <= ({TOP})('{FOURTH}') && ({TOP})('{FOURTH}') < innerHeight / 2")
    page.evaluate("id => document.getElementById(id).scrollIntoView()", FIFTH)  # a reader reads on
    page.locator(f"a[hreflang={OTHER[language]}]:visible").first.click()
    page.wait_for_url(f"{reader.address}{OTHER[language]}/loss/#{FIFTH}")


def test_the_language_switch_at_the_top_leads_to_the_top(reader: Reader) -> None:
    page = reader.open("zh/loss/")
    page.locator("a[hreflang=en]:visible").first.click()
    page.wait_for_url(f"{reader.address}en/loss/**")
    assert page.evaluate("scrollY") == 0


# Words from the middle of sentences, and the chapter that tells of them.
@pytest.mark.parametrize(("language", "word", "chapter"), [
    ("zh", "峡谷", "gradient-descent"), ("zh", "中位数", "loss"), ("zh", "Huber", "loss"),
    ("en", "median", "loss"), ("en", "momentum", "gradient-descent")])
def test_search_finds_a_word_of_a_sentence(reader: Reader, language: str, word: str, chapter: str) -> None:
    page = reader.open(f"{language}/")
    page.locator("label.md-search__icon[for=__search], .md-search__input").first.click()
    page.locator(".md-search__input").press_sequentially(word)
    page.locator(".md-search__input").press("End")  # Chinese is put in without a key; Material waits for one
    results = page.locator("a.md-search-result__link")
    results.first.wait_for(state="visible")
    first = [results.nth(number).evaluate("link => new URL(link.href).pathname")
             for number in range(min(3, results.count()))]
    assert f"/{language}/{chapter}/" in first, first
    shown = page.locator(".md-search-result__item").filter(has=page.locator(f"a[href*='/{chapter}/']")).first
    assert word.lower() in shown.inner_text().lower()


@pytest.mark.parametrize(("reader", "language"), [({"locale": LOCALES[code]}, code) for code in LANGUAGES],
                         indirect=["reader"])
def test_the_root_page_knows_the_language_of_the_browser(reader: Reader, language: str) -> None:
    page = reader.open("")
    page.wait_for_url(f"{reader.address}{language}/")
    page.locator(f"a[hreflang={OTHER[language]}]:visible").first.click()
    page.wait_for_url(f"{reader.address}{OTHER[language]}/")
    reader.open("")
    page.wait_for_url(f"{reader.address}{OTHER[language]}/")  # what the reader chose counts for more


@pytest.mark.parametrize("reader", [{"java_script_enabled": False}], indirect=True)
def test_without_scripts_the_root_page_leads_to_both_languages(reader: Reader) -> None:
    for language in LANGUAGES:
        page = reader.open("")
        assert page.url == reader.address
        page.locator(f"a[hreflang={language}]").click()
        page.wait_for_url(f"{reader.address}{language}/")
        assert page.locator("h1").is_visible()
        assert reader.open(f"{language}/loss/").locator(".cell-figure svg").first.is_visible()


COLOURS = """() => {
  const style = selector => getComputedStyle(document.querySelector(selector));
  return [style(".cell-figure svg text").fill, style(".cell-code code").color, style("article p").color,
    style("body").backgroundColor];
}"""


def luminance(colour: str) -> float:
    """Relative luminance of `rgb(…)`, as WCAG 2 defines it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)") == pytest.approx(21)
    assert contrast("rgb(119, 119, 119)", "rgb(255, 255, 255)") == pytest.approx(4.48, abs=0.01)


def test_figures_and_code_follow_light_and_dark(reader: Reader) -> None:
    seen = {}
    for scheme in ("light", "dark"):
        reader.page.emulate_media(color_scheme=scheme)
        *texts, background = reader.open("en/loss/").evaluate(COLOURS)
        for colour in texts:
            assert contrast(colour, background) >= 4.5, (scheme, colour, background)
        seen[scheme] = [*texts, background]
    assert all(light != dark for light, dark in zip(seen["light"], seen["dark"], strict=True)), seen
    assert luminance(seen["light"][-1]) > 0.8 > 0.05 > luminance(seen["dark"][-1])


def test_the_colour_switch_is_kept_across_pages_and_languages(reader: Reader) -> None:
    reader.page.emulate_media(color_scheme="light")
    page = reader.open("zh/loss/")
    for _ in range(2):  # as the system, light, dark
        assert luminance(page.evaluate(COLOURS)[-1]) > 0.8
        page.locator(".book-scheme").click()
    assert luminance(page.evaluate(COLOURS)[-1]) < 0.05
    assert luminance(reader.open("en/gradient-descent/").evaluate(COLOURS)[-1]) < 0.05


# What makes the page scroll sideways; an element that scrolls in its own box does not.
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth && innerWidth <= screen.width ? [] :
  ["the page", ...[...document.querySelectorAll("main *")].filter(element =>
    element.getBoundingClientRect().right > screen.width).slice(0, 5).map(element => element.outerHTML.slice(0, 99))]"""


@pytest.mark.parametrize("reader", [{"viewport": PHONE, "has_touch": True, "is_mobile": True}], indirect=True)
@pytest.mark.parametrize("path", ["", *(f"{language}/{page}" for language in LANGUAGES
                                        for page in ("", *(f"{chapter}/" for chapter in CHAPTERS)))])
def test_a_phone_shows_the_page_without_sideways_scrolling(reader: Reader, path: str) -> None:
    page = reader.open(path)
    page.locator("details").evaluate_all("folds => folds.forEach(fold => { fold.open = true; })")
    assert page.evaluate(TOO_WIDE) == []


@pytest.mark.parametrize("reader", [{"viewport": PHONE, "has_touch": True, "is_mobile": True}], indirect=True)
def test_a_long_formula_scrolls_in_its_own_box(reader: Reader) -> None:
    page = reader.open("en/loss/")
    box = page.locator(".equation:has(.equation-number) > .equation-body").first
    box.evaluate("""box => {
      const formula = box.querySelector("math");
      const parts = [...formula.children];
      for (let time = 0; time < 20; time++) formula.append(...parts.map(part => part.cloneNode(true)));
    }""")
    content, width, right = box.evaluate("box => [box.scrollWidth, box.clientWidth, box.getBoundingClientRect().right]")
    assert content > 2 * width
    assert right < PHONE["width"]
    assert is_in_view(page, ".equation-number")
    box.focus()
    assert box.evaluate("box => { box.scrollLeft = 9999; return box.scrollLeft; }") > width
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate("scrollX") == 0


# Planted faults: what the tests above look at does tell.

def test_a_fault_of_a_page_is_noticed(browser: Browser, address: str) -> None:
    reader = Reader(browser, address)
    reader.open("en/loss/").evaluate("""async () => {
      console.error("planted");
      setTimeout(() => { throw new Error("thrown"); });
      await fetch("/nothing.js");
      await fetch("http://127.0.0.2:9/").catch(() => 0);
    }""")
    reader.page.wait_for_timeout(100)
    reader.context.close()
    for fault in ("planted", "thrown", "404 ", "asked another host: http://127.0.0.2:9/"):
        assert any(fault in said for said in reader.faults), (fault, reader.faults)


def test_what_is_hidden_is_not_in_view(browser: Browser) -> None:
    with browser.new_context(viewport=WIDE) as context:
        page = context.new_page()
        page.set_content("<p>shown</p>")
        assert page.locator("p").evaluate(IN_VIEW)
        for style in ("display: none", "visibility: hidden", "opacity: 0", "width: 0; overflow: hidden",
                      "position: fixed; left: -999px", "position: fixed; top: 999px"):
            page.set_content(f"<p style='{style}'>hidden</p>")
            assert not page.locator("p").evaluate(IN_VIEW), style


def test_a_page_that_scrolls_sideways_is_noticed(browser: Browser) -> None:
    with browser.new_context(viewport=PHONE, is_mobile=True) as context:
        page = context.new_page()
        head = '<meta name="viewport" content="width=device-width,initial-scale=1"><main>'
        page.set_content(f'{head}<div style="overflow-x: auto"><p style="width: 900px">own box</p></div></main>')
        assert page.evaluate(TOO_WIDE) == []
        page.set_content(f'{head}<p style="width: 900px">wide</p></main>')
        assert len(page.evaluate(TOO_WIDE)) == 2


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_machine_without_a_browser_skips_unless_it_is_ci(monkeypatch: pytest.MonkeyPatch, ci: str, outcome) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(outcome, match="is not installed"):
        chromium()

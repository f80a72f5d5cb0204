"""A chapter in a browser: formulas, code, output and figures are seen; without scripts and on paper too."""

from __future__ import annotations

import pytest
from browsing import IN_VIEW, LANGUAGES, TOO_WIDE, WIDE, Browser, Reader, is_in_view, luminance

CHAPTERS = ("loss", "gradient-descent")
PARTS = (".equation math mi", ".math math mi", ".equation-number", ".cell-code code span", "figcaption",
         ".cell-output > .cell-stdout", ".cell-figure svg > :not(defs)", ".cell-figure svg text")


@pytest.mark.parametrize("reader", [{}, {"java_script_enabled": False}], ids=["scripts", "no scripts"], indirect=True)
@pytest.mark.parametrize("chapter", CHAPTERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chapter_shows_formula_code_output_and_figure(reader: Reader, language: str, chapter: str) -> None:
    page = reader.open(f"{language}/{chapter}/")
    for selector in PARTS:
        assert is_in_view(page, selector), selector


@pytest.mark.parametrize("language", LANGUAGES)
def test_formulas_have_their_font(reader: Reader, language: str) -> None:
    page = reader.open(f"{language}/loss/")
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


def test_what_is_hidden_is_not_in_view(browser: Browser) -> None:
    with browser.new_context(viewport=WIDE) as context:
        page = context.new_page()
        page.set_content("<p>shown</p>")
        assert page.locator("p").evaluate(IN_VIEW)
        for style in ("display: none", "visibility: hidden", "opacity: 0", "width: 0; overflow: hidden",
                      "position: fixed; left: -999px", "position: fixed; top: 999px"):
            page.set_content(f"<p style='{style}'>hidden</p>")
            assert not page.locator("p").evaluate(IN_VIEW), style


# Paper: an A4 page less its margins, in CSS pixels.
PAPER = {"width": 680, "height": 1000}
FRAME = (".md-header", ".md-sidebar--primary", ".md-sidebar--secondary", ".md-footer__inner", ".md-code__nav",
         ".headerlink", ".md-content__button", ".md-search", ".md-top")


@pytest.mark.parametrize(("reader", "scheme"), [({"viewport": PAPER}, scheme) for scheme in ("light", "dark")],
                         indirect=["reader"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_paper_shows_the_chapter_and_not_its_frame(reader: Reader, language: str, scheme: str) -> None:
    reader.page.emulate_media(media="print", color_scheme=scheme)
    page = reader.open(f"{language}/loss/")
    for selector in PARTS:
        assert is_in_view(page, selector), selector
    for selector in FRAME:
        assert not page.locator(selector).first.is_visible(), f"{selector} is printed"
    assert page.evaluate(TOO_WIDE) == []
    ink, paper = page.evaluate("""() => [getComputedStyle(document.querySelector("article p")).color,
      getComputedStyle(document.body).backgroundColor]""")
    assert luminance(ink) < 0.1 and luminance(paper) > 0.8
    clipped = page.locator(".equation-body, .cell-code code, .cell-output > pre").evaluate_all(
        "boxes => boxes.filter(box => box.scrollWidth > box.clientWidth + 1).map(box => box.innerText.slice(0, 60))")
    assert clipped == []

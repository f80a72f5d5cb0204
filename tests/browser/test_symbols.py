"""The symbols of a display formula say what they are: to the mouse, a finger, the keyboard, and without scripts."""

from __future__ import annotations

import pytest
from browsing import PHONE, Reader

PAGE = "{}/gradient-descent/"
EQUATION = ".equation:has(#eq-gd-step), #eq-gd-step.equation"
NAMES = {"zh": ("学习率", "标量"), "en": ("learning rate", "scalar")}
SHOWN = ".symbols a.shown"


def symbol(page, text: str):
    return page.locator(EQUATION).first.locator("mi", has_text=text).first


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pointing_at_a_symbol_shows_its_link(reader: Reader, language: str) -> None:
    page = reader.open(PAGE.format(language))
    symbol(page, "η").hover()
    link = page.locator(SHOWN)
    assert link.count() == 1 and all(word in link.inner_text() for word in NAMES[language])
    box, at = link.bounding_box(), symbol(page, "η").bounding_box()
    assert box["y"] >= at["y"] + at["height"]
    assert box["x"] <= at["x"] + at["width"] and box["x"] + box["width"] >= at["x"]
    assert symbol(page, "η").evaluate("token => token.classList.contains('picked')")
    page.mouse.move(5, 5)
    page.wait_for_selector(SHOWN, state="detached")
    symbol(page, "η").hover()
    page.locator(SHOWN).hover()
    assert page.locator(SHOWN).count() == 1, "the way to the link is short enough"
    symbol(page, "η").click()
    page.wait_for_url("**/symbols/#learning-rate")
    assert page.url.endswith(f"/{language}/symbols/#learning-rate")
    page.locator("#learning-rate").wait_for(state="visible")


def test_the_keyboard_walks_through_the_symbols(reader: Reader) -> None:
    page = reader.open(PAGE.format("en"))
    page.locator(EQUATION).first.locator(".equation-body").focus()
    names = []
    page.keyboard.press("Tab")
    for _ in range(page.locator(EQUATION).first.locator(".symbols a").count() + 1):
        assert page.evaluate("document.activeElement.matches('.symbols a.shown')")
        names.append(page.evaluate("document.activeElement.textContent"))
        page.keyboard.press("ArrowRight")
    assert names[0] == names[-1] and len(set(names)) == len(names) - 1
    assert any("learning rate" in name for name in names)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className").startswith("equation-body")
    assert page.locator(SHOWN).count() == 0


def test_a_formula_is_one_stop_of_the_tab_key_beside_its_box(reader: Reader) -> None:
    page = reader.open(PAGE.format("zh"))
    for symbols in page.locator(".symbols").all():
        assert symbols.locator("a:not([tabindex='-1'])").count() == 1


@pytest.mark.parametrize("reader", [{"viewport": PHONE, "has_touch": True, "is_mobile": True}], indirect=True)
def test_a_tap_shows_the_link_and_stays_on_the_page(reader: Reader) -> None:
    page = reader.open(PAGE.format("zh"))
    before = page.url
    symbol(page, "η").tap()
    link = page.locator(SHOWN)
    link.wait_for(state="visible")
    assert page.url == before and "学习率" in link.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    link.tap()
    page.wait_for_url("**/zh/symbols/#learning-rate")


@pytest.mark.parametrize("reader", [{"java_script_enabled": False}], indirect=True)
def test_without_scripts_the_links_of_a_formula_are_there(reader: Reader) -> None:
    page = reader.open(PAGE.format("en"))
    page.locator(EQUATION).first.locator(".equation-body").hover()
    link = page.locator(EQUATION).first.locator(".symbols a", has_text="learning rate")
    link.click()
    assert page.url.endswith("/en/symbols/#learning-rate")


def test_a_screen_reader_is_told_the_name(reader: Reader) -> None:
    page = reader.open(PAGE.format("en"))
    told = page.locator(EQUATION).first.aria_snapshot()
    assert "learning rate" in told and "symbols/#learning-rate" in told


def test_only_the_link_that_is_pointed_at_is_in_view(reader: Reader) -> None:
    page = reader.open(PAGE.format("en"))
    visible = "links => links.filter(link => link.checkVisibility({opacityProperty: true})).length"
    assert page.locator(".symbols a").evaluate_all(visible) == 0
    symbol(page, "η").hover()
    assert page.locator(".symbols a").evaluate_all(visible) == 1

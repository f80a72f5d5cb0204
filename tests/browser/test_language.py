"""The way between the languages: the switch of a page, and the root page that picks one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browsing import LANGUAGES, OTHER, Reader

ROOT = Path(__file__).resolve().parents[2]
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
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


def test_a_report_names_the_section_that_stands_in_the_window(reader: Reader) -> None:
    page = reader.open(f"en/loss/#{FOURTH}")
    link = page.locator(".book-report").first
    link.dispatch_event("contextmenu")  # as before any way of following it
    assert link.get_attribute("href").endswith(f"%2Fen%2Floss%2F%23{FOURTH}")


def test_the_language_switch_at_the_top_leads_to_the_top(reader: Reader) -> None:
    page = reader.open("zh/loss/")
    page.locator("a[hreflang=en]:visible").first.click()
    page.wait_for_url(f"{reader.address}en/loss/**")
    assert page.evaluate("scrollY") == 0


@pytest.mark.parametrize(("reader", "language"), [({"locale": LOCALES[code]}, code) for code in LANGUAGES],
                         indirect=["reader"])
def test_the_root_page_knows_the_language_of_the_browser(reader: Reader, language: str) -> None:
    page = reader.open("")
    page.wait_for_url(f"{reader.address}{language}/")
    page.locator(f"a[hreflang={OTHER[language]}]:visible").first.click()
    page.wait_for_url(f"{reader.address}{OTHER[language]}/")
    reader.open("")
    page.wait_for_url(f"{reader.address}{OTHER[language]}/")  # what the reader chose counts for more


@pytest.mark.parametrize("reader", [{"locale": "fr-FR"}, {"locale": "de-CH"}], indirect=True)
def test_readers_of_other_languages_get_english(reader: Reader) -> None:
    page = reader.open("")
    page.wait_for_url(f"{reader.address}en/")


@pytest.mark.parametrize("reader", [{"java_script_enabled": False}], indirect=True)
def test_without_scripts_the_root_page_leads_to_both_languages(reader: Reader) -> None:
    for language in LANGUAGES:
        page = reader.open("")
        assert page.url == reader.address
        page.locator(f"a[hreflang={language}]").click()
        page.wait_for_url(f"{reader.address}{language}/")
        assert page.locator("h1").is_visible()


@pytest.mark.parametrize("reader", [{"java_script_enabled": False}], indirect=True)
def test_without_scripts_the_switch_leads_to_the_page_in_the_other_language(reader: Reader) -> None:
    page = reader.open("zh/loss/")
    page.locator("a[hreflang=en]:visible").first.click()
    page.wait_for_url(f"{reader.address}en/loss/")

"""The site in a folder of any server, with no other host to be reached: as a mirror has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import browsing
import pytest
from browsing import LANGUAGES, Browser, Page

PREFIX = "some/where"
WORDS = {"zh": "学习率", "en": "learning rate"}


@pytest.fixture(scope="module")
def mirror(built_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("mirror")
    (folder / PREFIX).parent.mkdir()
    (folder / PREFIX).symlink_to(built_site)
    with browsing.served(folder) as address:
        yield f"{address}{PREFIX}/"


@pytest.fixture
def page(browser: Browser, mirror: str) -> Iterator[Page]:
    """A page that may ask for nothing outside of the mirror, and must find all that it asks for."""
    context, faults = browser.new_context(), []

    def answer(route):
        if route.request.url.startswith(mirror):
            route.continue_()
        else:
            faults.append(f"asks for {route.request.url}")
            route.abort()

    context.route("**/*", answer)
    page = context.new_page()
    page.on("response", lambda found: found.status < 400 or faults.append(f"{found.status} {found.url}"))
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mirror_is_read_and_searched(page: Page, mirror: str, language: str) -> None:
    page.goto(f"{mirror}{language}/")
    page.locator(".md-content a[href='loss/']").first.click()
    page.wait_for_url(f"{mirror}{language}/loss/")
    page.wait_for_function("document.fonts.status === 'loaded'")
    box = page.locator(".md-search__input")
    box.click()
    box.press_sequentially(WORDS[language])
    box.press("End")
    page.locator("a.md-search-result__link[href*='gradient-descent/']").first.click()
    page.wait_for_url(f"{mirror}{language}/gradient-descent/**")
    other = browsing.OTHER[language]
    page.locator(f"a[hreflang={other}]:visible").first.click()
    page.wait_for_url(f"{mirror}{other}/gradient-descent/**")


def test_the_first_page_of_a_mirror_leads_into_a_language(page: Page, mirror: str) -> None:
    page.goto(mirror)
    page.wait_for_url(f"{mirror}en/")

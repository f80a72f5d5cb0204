"""Light and dark: what follows the scheme, how it is switched, and that the choice is kept."""

from __future__ import annotations

import pytest
from browsing import Reader, contrast, luminance

COLOURS = """() => {
  const style = selector => getComputedStyle(document.querySelector(selector));
  return [style(".cell-figure svg text").fill, style(".cell-code code").color, style("article p").color,
    style("body").backgroundColor];
}"""


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

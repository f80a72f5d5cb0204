"""Every page of the site in a browser, at two widths, light and dark: nothing is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import LANGUAGES, chromium, served
from sweep import SIZES, sweep

KINDS = {
    "console": "no error or warning",
    "host": "nothing from another host",
    "policy": "nothing that the content security policy refuses",
    "overflow": "no scrolling sideways",
    "shift": "nothing moves while the page loads",
    "axe": "no violation of axe-core's rules",
    "visit": "the page can be seen at all",
}


# A quarter of the pages and widths each, so that they can be looked at side by side.
PARTS = [pytest.param((language, size), id=f"{language}, {size}", marks=pytest.mark.xdist_group(f"{language} {size}"))
         for language in LANGUAGES for size in SIZES]


@pytest.fixture(scope="module", params=PARTS)
def faults(request: pytest.FixtureRequest, built_site: Path) -> list[str]:
    language, size = request.param
    chromium()
    paths = sorted(file.relative_to(built_site).as_posix().removesuffix("index.html")
                   for file in built_site.rglob("*.html"))
    mine = [path for path in paths if path.startswith("zh/") == (language == "zh")]  # the root goes with English
    assert len(mine) > 15
    with served(built_site) as address:
        return sweep(address, mine, [size])


@pytest.mark.parametrize("kind", KINDS)
def test_every_page(faults: list[str], kind: str) -> None:
    found = [fault for fault in faults if fault.startswith(f"{kind}:")]
    assert not found, f"expected on every page: {KINDS[kind]}\n" + "\n".join(found)


def test_every_fault_has_a_kind(faults: list[str]) -> None:
    assert [fault for fault in faults if fault.split(":")[0] not in KINDS] == []

"""Every page of the site in a browser, at two widths, light and dark: nothing is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import chromium, served
from sweep import sweep

KINDS = {
    "console": "no error or warning",
    "host": "nothing from another host",
    "policy": "nothing that the content security policy refuses",
    "overflow": "no scrolling sideways",
    "shift": "nothing moves while the page loads",
    "axe": "no violation of axe-core's rules",
    "visit": "the page can be seen at all",
}


@pytest.fixture(scope="module")
def faults(built_site: Path) -> list[str]:
    chromium()
    paths = sorted(file.relative_to(built_site).as_posix().removesuffix("index.html")
                   for file in built_site.rglob("*.html"))
    assert len(paths) > 15
    with served(built_site) as address:
        return sweep(address, paths)


@pytest.mark.parametrize("kind", KINDS)
def test_every_page(faults: list[str], kind: str) -> None:
    found = [fault for fault in faults if fault.startswith(f"{kind}:")]
    assert not found, f"expected on every page: {KINDS[kind]}\n" + "\n".join(found)


def test_every_fault_has_a_kind(faults: list[str]) -> None:
    assert [fault for fault in faults if fault.split(":")[0] not in KINDS] == []

"""A page as the checks of the built site read it."""

from __future__ import annotations

from bs4 import BeautifulSoup


def parsed(html: str) -> BeautifulSoup:
    """The page with what its templates hold: scripts that run once it is drawn, which selectors would pass over."""
    soup = BeautifulSoup(html, "html.parser")
    for template in soup.find_all("template"):
        template.unwrap()
    return soup

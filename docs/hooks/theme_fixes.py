"""What the theme's HTML lacks and its templates give no block for."""

from __future__ import annotations

from html import escape

SEARCH_DIALOG = '<div class="md-search" data-md-component="search" role="dialog">'


def name_search_dialog(html: str, name: str) -> str:
    """Gives the search dialog the accessible name that the theme forgot (axe: aria-dialog-name)."""
    return html.replace(SEARCH_DIALOG, f'{SEARCH_DIALOG[:-1]} aria-label="{escape(name)}">')

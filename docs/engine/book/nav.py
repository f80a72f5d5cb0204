"""The `nav` of mkdocs.yml: which pages are chapters, in which order. Reads and changes text; knows no MkDocs."""

from __future__ import annotations

import re

import yaml

from ..source.errors import BookError, nearest

CHAPTERS = re.compile(r"^(?P<indent> +)- chapters:[ \t]*\n(?P<pages>(?:(?P=indent) +- .*\n)+)", re.M)


class Loader(yaml.BaseLoader):
    """Plain texts; a tag such as `!!python/name:` or `!ENV` is passed over."""


for _tag in ("!", "tag:yaml.org,2002:python/"):
    Loader.add_multi_constructor(_tag, lambda loader, suffix, node: None)


def chapters(nav: list) -> list[str]:
    """Pages under `chapters:` of the nav, in order and without suffix: they bear numbers."""
    return _pages(nav, "chapters")


def labs(nav: list) -> list[str]:
    """Pages under `labs:`, likewise."""
    return _pages(nav, "labs")


def _pages(nav: list, section: str) -> list[str]:
    for entry in nav:
        if isinstance(entry, dict) and section in entry:
            pages = entry[section] or []
            for number, page in enumerate(pages):
                if not isinstance(page, str) or not page.endswith(".md"):
                    raise BookError(f"found {page!r} under {section}: in the nav; expected the name of a file, such as "
                                    "loss.md: titles come from the pages", path="mkdocs.yml")
                if page in pages[:number]:
                    raise BookError(f"{page} stands twice under {section}: in the nav", path="mkdocs.yml")
            return [page.removesuffix(".md") for page in pages]
    return []


def pages_of(config: str, section: str) -> list[str]:
    """Pages under a section of the nav, from the text of mkdocs.yml."""
    return _pages(yaml.load(config, Loader).get("nav") or [], section)


def chapters_of(config: str) -> list[str]:
    return pages_of(config, "chapters")


def with_chapter(config: str, page: str, after: str | None = None) -> str:
    """The text of mkdocs.yml with one more chapter, after the chapter `after` or last; the rest stays as it is."""
    found = CHAPTERS.search(config)
    if not found:
        raise BookError("no list of chapters in the nav; expected '  - chapters:', then '      - page.md' lines",
                        path="mkdocs.yml")
    known = chapters_of(config)
    lines = found["pages"].splitlines(keepends=True)
    if after is not None and after not in known:
        raise BookError(f"no chapter {after!r} to come after. {nearest(after, known)}", path="mkdocs.yml")
    place = known.index(after) + 1 if after else len(lines)
    dash = lines[0].index("-")
    lines.insert(place, f"{' ' * dash}- {page}.md\n")
    return config[: found.start("pages")] + "".join(lines) + config[found.end("pages") :]

"""The lines between `---` at the head of a page."""

from __future__ import annotations

import yaml

from .errors import BookError
from .fences import front_matter_length
from .snippets import nearest

# draft: a chapter that is still being written; jupyter: the page is a notebook
KEYS = ("description", "draft", "hide", "jupyter", "search", "symbols", "template", "title")
_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where PyYAML has it, ten times as fast


def check_front_matter(text: str, path: str) -> dict:
    """The page's front matter. MkDocs passes over one that it cannot read; here it is an error with its line."""
    lines = text.split("\n")
    length = front_matter_length(lines)
    if not length:
        raise BookError("no front matter; start the page with '---', 'description: one sentence', '---'",
                        path=path, line=1)
    try:
        meta = _parsed("\n".join(lines[1 : length - 1]))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise BookError(f"front matter that is not YAML: {getattr(error, 'problem', None) or error}; "
                        "put a text with a colon in quotes", path=path, line=mark.line + 2 if mark else 1) from None
    if not isinstance(meta, dict):
        raise BookError(f"front matter that is not 'key: value' lines; found {meta!r}", path=path, line=2)
    for key in meta:
        if key not in KEYS:
            raise BookError(f"unknown key {key!r} in the front matter. {nearest(str(key), KEYS)}", path=path,
                            line=_line_of(lines, key))
    _check_search(meta.get("search", {}), path, _line_of(lines, "search"))
    if not isinstance(meta.get("description"), str) or not meta["description"].strip():
        raise BookError("no description in the front matter; add 'description: one sentence'", path=path, line=1)
    return meta


def _check_search(search, path: str, line: int) -> None:
    """`search: {boost: 0.2}`: how much a page counts among the results; other pages count 1."""
    boost = search.get("boost", 1) if isinstance(search, dict) and set(search) <= {"boost"} else None
    if isinstance(boost, bool) or not isinstance(boost, int | float) or boost <= 0:
        raise BookError(f"front matter 'search' is {search!r}; expected a number above 0, as in "
                        "'search: {boost: 0.2}'", path=path, line=line)


def _line_of(lines: list[str], key) -> int:
    return next((number for number, line in enumerate(lines, 1) if line.startswith(f"{key}:")), 1)


def _parsed(text: str) -> object:
    try:
        return yaml.load(text, _FAST)
    except yaml.YAMLError:
        return yaml.safe_load(text)  # which says better where the fault is

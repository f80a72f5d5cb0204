"""What stands at the head of a page, between lines of three dashes."""

from __future__ import annotations

from collections.abc import Sequence

import yaml

from .errors import BookError, nearest

# draft: a chapter that is still being written; jupyter: the page is a notebook
KEYS = ("description", "draft", "hide", "jupyter", "search", "symbols", "template", "title")
_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where PyYAML has it, ten times as fast


def front_matter_length(lines: Sequence[str]) -> int:
    """Number of lines of the front matter, delimiters included; 0 if there is none."""
    if lines and lines[0].strip() == "---":
        for number, line in enumerate(lines[1:], 2):
            if line.strip() in ("---", "..."):
                return number
    return 0


def check_front_matter(text: str, path: str) -> dict:
    """The page's front matter. MkDocs passes over one that it cannot read; here it is an error with its line."""
    lines = text.split("\n")
    length = front_matter_length(lines)

    def fault(message: str, key: str = "") -> BookError:
        places = (number for number, line in enumerate(lines, 1) if key and line.startswith(f"{key}:"))
        return BookError(message, path=path, line=next(places, 1))

    if not length:
        raise fault("no front matter; start the page with '---', 'description: one sentence', '---'")
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
            raise fault(f"unknown key {key!r} in the front matter. {nearest(str(key), KEYS)}", key)
    search = meta.get("search", {})  # how much the page counts among the results; other pages count 1
    boost = search.get("boost", 1) if isinstance(search, dict) and set(search) <= {"boost"} else None
    if isinstance(boost, bool) or not isinstance(boost, int | float) or boost <= 0:
        raise fault(f"front matter 'search' is {search!r}; expected a number above 0, as in 'search: {{boost: 0.2}}'",
                    "search")
    if not isinstance(meta.get("description"), str) or not meta["description"].strip():
        raise fault("no description in the front matter; add 'description: one sentence'")
    return meta


def _parsed(text: str) -> object:
    try:
        return yaml.load(text, _FAST)
    except yaml.YAMLError:
        return yaml.safe_load(text)  # which says better where the fault is

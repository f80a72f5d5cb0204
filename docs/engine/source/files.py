"""The pages' files: read, with what their front matter says; links from one to another; files of the site written.

Pages are named "loss" or "labs/index", by their path in the language's folder without suffix.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from .errors import BookError, nearest

# draft: a chapter that is still being written; jupyter: the page is a notebook
KEYS = ("description", "draft", "hide", "jupyter", "search", "symbols", "template", "title")
_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where PyYAML has it, ten times as fast


@dataclass(frozen=True)
class Source:
    """One page's file. `path` is relative to the project root."""

    path: str
    page: str
    language: str
    text: str


def read_text(file: Path, shown: str) -> str:
    """The file's text, without a byte order mark and with plain line ends; `shown` is its name in messages."""
    data = file.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BookError(f"not UTF-8 text (byte {data[error.start]:#04x}); save the file as UTF-8", path=shown,
                        line=data[: error.start].count(b"\n") + 1) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


Stamps = Mapping[str, tuple[int, int]]


def stamps(root: Path, *names: str) -> Stamps:
    """Time and size of every file under these names: what has changed since has others."""
    found = {}
    for file in (file for name in names for file in (root / name, *(root / name).rglob("*"))):
        if file.is_file() and "__pycache__" not in file.parts:
            about = file.stat()
            found[file.relative_to(root).as_posix()] = about.st_mtime_ns, about.st_size
    return found


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Files by their path below the folder."""
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def page_url(page: str, target: str) -> str:
    """Relative URL of one page seen from another; "" for the page itself."""
    return "" if page == target else posixpath.relpath(served_folder(target), served_folder(page)) + "/"


def source_link(page: str, target: str) -> str:
    """Link from one page's file to another's, which MkDocs checks and turns into a URL."""
    return posixpath.relpath(target, posixpath.dirname(page) or ".") + ".md"


def served_folder(page: str) -> str:
    """Folder of the site in which the page is served, with directory URLs."""
    return (posixpath.dirname(page) or ".") if posixpath.basename(page) == "index" else page


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

"""Files read as text, looked at for changes, written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import BookError


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

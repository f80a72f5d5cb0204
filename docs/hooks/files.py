"""Reads the book's text files."""

from __future__ import annotations

from pathlib import Path

from .errors import BookError


def read_text(file: Path, shown: str) -> str:
    """The file's text, without a byte order mark and with plain line ends; `shown` is its name in messages."""
    data = file.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BookError(f"not UTF-8 text (byte {data[error.start]:#04x}); save the file as UTF-8", path=shown,
                        line=data[: error.start].count(b"\n") + 1) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")

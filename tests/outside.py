"""Code for a block that must leave a mark outside its folder, where a test sees it: past Python, which would refuse."""

from __future__ import annotations

import os
from pathlib import Path

APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT


def mark(file: Path, text: str = "''") -> str:
    """Statements that append to the file the text that the expression gives."""
    return (f"import ctypes\n_libc, _text = ctypes.CDLL(None), str({text}).encode()\n"
            f"_file = _libc.open({str(file).encode()!r}, {APPEND}, 0o644)\n"
            "_libc.write(_file, _text, len(_text))\n_libc.close(_file)\n")

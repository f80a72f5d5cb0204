"""What any room made, kept by content: a file's name is the digest of all that it depends on.

A file is written whole under another name and then renamed, so a reader sees it complete or not at all. What
cannot be read (damaged, of another version) counts as missing and is written anew.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import tempfile
import time
from pathlib import Path

from ..source.errors import BookError

VERSION = 1  # of the files' form
KEEP = 30 * 24 * 3600  # seconds that an unused result is kept
FRESH = 24 * 3600  # a use is noted at most once a day
SWITCH = "BOOK_CACHE"  # set to 0 or off: nothing is read, nothing written


def digest(data) -> str:
    """SHA-256 of JSON values, sets and dataclasses, independent of the machine, the folder and the process."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False,
                      default=lambda found: sorted(found) if isinstance(found, set) else vars(found))
    return hashlib.sha256(text.encode()).hexdigest()


def switched_off() -> bool:
    return os.environ.get(SWITCH, "").lower() in ("0", "off", "no", "false")


@functools.cache
def engine_digest(*rooms: str) -> str:
    """Of all that stands in these rooms of the engine; without any, of the whole engine."""
    engine = Path(__file__).parents[1]
    files = sorted(file for room in rooms or (".",) for file in (engine / room).rglob("*")
                   if file.is_file() and "__pycache__" not in file.parts)
    return digest([[file.relative_to(engine).as_posix(), file.read_text("utf-8")] for file in files])


class Cache:
    def __init__(self, folder: Path, enabled: bool = True):
        self.folder = folder / f"v{VERSION}"
        self.enabled = enabled

    def get(self, key: str):
        """What `put` kept under the key, or None."""
        data = self.get_bytes(key)
        try:
            return None if data is None else json.loads(data)
        except ValueError:
            return None

    def put(self, key: str, content) -> None:
        self.put_bytes(key, json.dumps(content, ensure_ascii=False, default=vars).encode())

    def get_bytes(self, key: str) -> bytes | None:
        """What `put_bytes` kept under the key, or None."""
        if not self.enabled:
            return None
        file = self.folder / key
        try:
            checksum, _, data = file.read_bytes().partition(b"\n")
        except OSError:
            return None
        if hashlib.sha256(data).hexdigest().encode() != checksum:
            return None
        with contextlib.suppress(OSError):  # a read-only cache can be used all the same
            if time.time() - file.stat().st_mtime > FRESH:
                os.utime(file)
        return data

    def put_bytes(self, key: str, data: bytes) -> None:
        if not self.enabled:
            return
        make_folder(self.folder)
        try:
            write_whole(self.folder / key, hashlib.sha256(data).hexdigest().encode() + b"\n" + data)
        except OSError as error:
            raise _not_writable(self.folder, error) from None


def write_whole(file: Path, data: bytes) -> None:
    """The file appears complete or not at all; everybody may read it."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix="new-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as new:
            new.write(data)
        os.chmod(name, 0o644)
        os.replace(name, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def make_folder(folder: Path) -> Path:
    """The folder, made if need be; BookError with a way out if it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError("read-only")
    except OSError as error:
        raise _not_writable(folder, error) from None
    return folder


def prune(folder: Path, now: float | None = None) -> int:
    """Deletes what no build has used for 30 days, half-written files and other versions too; returns how many."""
    limit = (time.time() if now is None else now) - KEEP
    count = 0
    for file in folder.rglob("*"):
        with contextlib.suppress(OSError):  # another build may be pruning too
            if file.is_file() and file.stat().st_mtime < limit:
                file.unlink()
                count += 1
    return count


def _not_writable(folder: Path, error: OSError) -> BookError:
    return BookError(f"the cache cannot be written ({error.strerror or error}); make the folder writable, delete what "
                     f"is in its place, or build without it: set {SWITCH}=off", path=folder)

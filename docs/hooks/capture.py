"""What a block may do while it runs, and how what it prints and draws is caught."""

from __future__ import annotations

import io
import os
import re
import sys

OUTPUT_LIMIT = 64 * 1024  # characters of text that one block may print
ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{4,}")
REFUSED = {
    "network": ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr",
                "socket.bind", "socket.sendto", "socket.sendmsg"),
    "other processes": ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty",
                        "pty.spawn"),
}


class Refused(BaseException):
    """Raised at the place where a block does what blocks may not; no `except Exception` holds it."""


class Text(io.TextIOBase):
    """A stream that keeps what is written, up to the limit."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0
        self.overflow = False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.size += len(text)
        if self.size > OUTPUT_LIMIT:
            self.overflow = True
            raise Refused(f"printed more than {OUTPUT_LIMIT // 1024} KiB of text; print a summary instead")
        self.parts.append(text)
        return len(text)

    def getvalue(self) -> str:
        return "".join(self.parts)


class Streams:
    """`sys.stdout` and `sys.stderr` of one step; descriptors 1 and 2 are watched too, for code below Python."""

    def __enter__(self) -> Streams:
        self.out, self.err = Text(), Text()
        self._saved = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self.out, self.err
        return self

    def __exit__(self, *error) -> None:
        sys.stdout, sys.stderr = self._saved

    def complaint(self) -> str | None:
        """Why this step's output cannot stand, or None."""
        if self.out.overflow or self.err.overflow:
            return f"printed more than {OUTPUT_LIMIT // 1024} KiB of text; print a summary instead"
        below = [os.fstat(descriptor).st_size for descriptor in (1, 2)]
        if any(below):
            for descriptor in (1, 2):
                os.ftruncate(descriptor, 0)
                os.lseek(descriptor, 0, os.SEEK_SET)
            return "wrote to the process's own output, past Python's print; use print"
        if self.err.getvalue().strip():
            return f"wrote to standard error, which is an error here: {self.err.getvalue().strip()[:500]}"
        return None


def changing(text: str) -> str | None:
    """Why this text would differ from one run to the next, or None."""
    if match := ADDRESS.search(text):
        return (f"the output holds a memory address ({match.group()}), which differs in every run; "
                "assign the value to a name, or print what matters of it")
    return None


def refuse_outside_world() -> None:
    """From here on this process reaches no network and starts no process. Cannot be undone."""
    reasons = {event: what for what, events in REFUSED.items() for event in events}

    def hook(event: str, arguments: tuple) -> None:
        if event in reasons:
            raise Refused(f"tried to use {reasons[event]} ({event}); blocks run without")

    sys.addaudithook(hook)


def take_figures() -> list[str]:
    """Every open figure as SVG, in the order in which they were opened; all are closed, also when saving fails."""
    if (pyplot := sys.modules.get("matplotlib.pyplot")) is None:
        return []
    try:
        return [_svg(pyplot.figure(number)) for number in pyplot.get_fignums()]
    finally:
        pyplot.close("all")


def _svg(figure) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return buffer.getvalue()

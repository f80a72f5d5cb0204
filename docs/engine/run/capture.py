"""What a block may do while it runs, and how what it prints is caught."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import threading
import time

OUTPUT_LIMIT = 64 * 1024  # characters of text that one step may give
MOMENT = 1.0  # seconds that threads have to end after their block
ERROR_SHOWN = 500  # characters of standard error in a message: its end, where a traceback says what happened
# What to do about a common fault: a sign of it in the message, and the remedy.
REMEDIES = [
    (r"^ModuleNotFoundError", 'code of another file in snippets/ is not imported but included in the page, as '
                              '--8<-- "views.py:…"'),
    (r"^EOFError", "blocks have no keyboard; write the answer into the code"),
    (r"Glyph \d+ .*missing from|does not have a glyph for",
     "a figure serves both languages: use symbols, numbers or a short English word in it, and say the rest in alt= "
     "and in the caption"),
    (r"incompatible with subplots_adjust", "the book's style lays figures out by itself; for places of your own write "
                                           'plt.figure(layout="none") or plt.subplots(…, layout="none") first'),
    (r"name 'display' is not defined", "display() belongs to Jupyter; make the value the block's last expression, "
                                       "or print it"),
    (r"(?m)^(?:DEBUG|INFO|WARNING|ERROR|CRITICAL):", "let the log write to the page: "
                                                    "logging.basicConfig(stream=sys.stdout, force=True)"),
    (r"\r|\d+%\||\d(?:it/s|s/it)", "a progress bar shows nothing on a page: leave it out (tqdm has disable=True), "
                                   "or print a line now and then"),
]
SHOWN_ONLY_LIVE = re.compile(r"<(?:IPython\.core\.display|ipywidgets|matplotlib\.animation)[\w.]*")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{4,}")
NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.bind",
           "socket.sendto", "socket.sendmsg")
PROCESSES = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "pty.spawn",
             "os.startfile", "_winapi.CreateProcess", "os.kill", "os.killpg")

WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC
CHANGES = {  # events that change files, and how many of their arguments are paths
    "os.remove": 1, "os.rmdir": 1, "os.mkdir": 1, "os.rename": 2, "os.link": 2, "os.symlink": 2, "os.truncate": 1,
    "os.chmod": 1, "os.chown": 1, "os.utime": 1}
refused: list[str] = []  # what the running step was refused; it fails even if it swallows the exception


class Refused(BaseException):
    """Raised at the place where a block does what blocks may not; no `except Exception` holds it."""


class Text(io.TextIOBase):
    """A stream that keeps what is written, up to the limit. What is printed cannot be taken back, as in a StringIO."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.size += len(text)
        if self.size > OUTPUT_LIMIT:
            refuse(too_much("printed"))
        self.parts.append(text)
        return len(text)

    def getvalue(self) -> str:
        return "".join(self.parts)


def _still_running(threads: set[threading.Thread]) -> bool:
    """Those of a pool that was closed, such as scikit-learn's with `n_jobs`, end a moment later on a busy machine."""
    patience = time.monotonic() + MOMENT
    while (alive := any(thread.is_alive() for thread in threads)) and time.monotonic() < patience:
        time.sleep(0.01)
    return alive


class Streams:
    """`sys.stdout` and `sys.stderr` of one step; descriptors 1 and 2 are watched too, for code below Python."""

    def __enter__(self) -> Streams:
        self.out, self.err = Text(), Text()
        self.saved = sys.stdout, sys.stderr
        self.threads = set(threading.enumerate())
        sys.stdout, sys.stderr = self.out, self.err
        refused.clear()
        return self

    def __exit__(self, *error) -> None:
        sys.stdout, sys.stderr = self.saved

    def complaint(self) -> str | None:
        """Why what this step did cannot stand, or None."""
        if refused:
            return refused[0]
        if _written_below_python():
            return "wrote to the process's own output, past Python's print; use print"
        if text := self.err.getvalue().strip():
            text = text[-ERROR_SHOWN:]
            return f"wrote to standard error, which is an error here: {text}{remedy(text)}"
        if _still_running(set(threading.enumerate()) - self.threads):
            return "left a thread running; join it before the block ends"
        return None


def refuse(reason: str) -> None:
    """Notes the reason, so that the step fails whatever it catches, and raises it."""
    refused.append(reason)
    raise Refused(reason)


def too_much(did: str) -> str:
    return f"{did} more than {OUTPUT_LIMIT // 1024} KiB of text; print a summary instead"


def remedy(message: str) -> str:
    """What to do about it, behind a dash; "" where nothing is known."""
    return next((f" - {what}" for sign, what in REMEDIES if re.search(sign, message)), "")


def unfit(text: str) -> str | None:
    """Why this text cannot stand on a page, or None."""
    if len(text) > OUTPUT_LIMIT:
        return too_much("gave")
    if match := SHOWN_ONLY_LIVE.search(text):
        return (f"the output is an object that only a running notebook shows ({match.group()}…); print text or draw a "
                "figure: of an animation, some of its states side by side")
    if match := ADDRESS.search(text):
        return (f"the output holds a memory address ({match.group()}), which differs in every run; "
                "assign the value to a name, end the block with ';', or print what matters of it")
    if match := CONTROL.search(text):
        return f"the output holds a control character ({match.group()!r}); print text only"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        return f"the output is not Unicode text: {error.reason} at position {error.start}"
    return None


def refuse_outside_world(folder: str) -> None:
    """From here on this process reaches no network and no other process, and changes no file outside `folder`. Cannot
    be undone."""

    def changes(path: object) -> None:
        if isinstance(path, (str, bytes, os.PathLike)):
            place = os.path.realpath(os.fsdecode(path))
            if place != os.devnull and os.path.commonpath([place, home]) != home:
                refuse(f"tried to change {os.fsdecode(path)}; a block writes nothing outside its own, empty folder")

    home = os.path.realpath(folder)

    def hook(event: str, arguments: tuple) -> None:
        if event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING:
            changes(arguments[0])
        elif event in CHANGES:
            for path in arguments[:CHANGES[event]]:
                changes(path)
        if event in NETWORK:
            refuse(f"tried to use the network ({event}); blocks run without")
        if event in PROCESSES and not (event == "os.kill" and arguments[0] == os.getpid()):
            refuse(f"tried to use other processes ({event}); blocks run without")

    sys.addaudithook(hook)
    with contextlib.suppress(ImportError):  # what multiprocessing starts processes with, where it raises no event
        import _posixsubprocess

        _posixsubprocess.fork_exec = lambda *arguments: refuse("tried to use other processes; blocks run without")


def _written_below_python() -> bool:
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    sizes = [os.fstat(descriptor).st_size for descriptor in (1, 2)]
    for descriptor in (1, 2):
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
    return any(sizes)

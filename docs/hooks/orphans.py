"""No process outlives the build that it works for, however the build ends."""

from __future__ import annotations

import os
import threading
import time

POLL = 0.5  # seconds


def end_with_parent(parent: int) -> None:
    """From here on this process ends soon after the process `parent`, which started it, has ended."""
    if not hasattr(os, "getppid") or os.name == "nt":  # there a pid may be used again; time limits end the process
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(POLL)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="end-with-parent").start()

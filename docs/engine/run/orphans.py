"""No process outlives the build that it works for, however the build ends."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

POLL = 0.5  # seconds
PR_SET_PDEATHSIG = 1  # Linux, <sys/prctl.h>


def end_with_parent(parent: int) -> None:
    """From here on this process ends when the process `parent`, which started it, has ended.

    Linux does it, whatever this process is busy with; elsewhere a thread looks, which code that never lets go of the
    interpreter can hold up. On Windows a pid may be used again: there time limits end the process.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the call
            os._exit(1)
    elif os.name == "posix":
        threading.Thread(target=_watch, args=(parent,), daemon=True, name="end-with-parent").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL)
    os._exit(1)

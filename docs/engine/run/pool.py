"""The build's side of the pool: starts it when there is something to run, sends jobs, takes results. And no process
outlives the build that it works for, however the build ends."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
                                     "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS")}
POLL = 0.5  # seconds between looks at the parent
PR_SET_PDEATHSIG = 1  # Linux, <sys/prctl.h>

Tell = Callable[[int, dict | None], None]


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Pool(AbstractContextManager):
    """A lazily started process `pool_process`; `started` says whether it ever ran. Close it, or use it as a context."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None
        self.started = False

    def run(self, jobs: list[dict], tell: Tell = lambda number, reply: None) -> list[dict]:
        """Results of the jobs, in their order, as `pool_process.run_batch` gives them; no process is started for no
        jobs. `tell` hears of each job when it begins (None) and when it ends."""
        if not jobs:
            return []
        replies: dict[int, dict] = {}
        process = self._ensure()
        assert process.stdin and process.stdout  # pipes
        try:
            process.stdin.write(json.dumps({"jobs": jobs, "workers": cores()}) + "\n")
            process.stdin.flush()
            while len(replies) < len(jobs):
                line = process.stdout.readline()
                if not line:
                    raise RuntimeError("the process that runs the chapters ended unexpectedly; "
                                       "its message stands above")
                number, reply = json.loads(line)
                if reply is not None:
                    replies[number] = reply
                tell(number, reply)
        except BaseException:  # Ctrl-C above all: end what runs, then let it pass
            self.close()
            raise
        return [replies[number] for number in range(len(jobs))]

    def _ensure(self) -> subprocess.Popen:
        if self._process is None or self._process.poll() is not None:
            environment = os.environ | ONE_THREAD | {"MPLBACKEND": "agg", "PYTHONHASHSEED": "0",
                                                     "PYTHONPATH": "", "PYTHONIOENCODING": "utf-8"}
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "book_engine.run.pool_process", str(os.getpid())],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                text=True, encoding="utf-8", env=environment, start_new_session=True)
            self.started = True
        return self._process

    def close(self) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        process.terminate()
        with process:  # closes its pipes too
            try:
                process.wait(timeout=3)
            except subprocess.TimeoutExpired:
                process.kill()

    def __exit__(self, *error) -> None:
        self.close()


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

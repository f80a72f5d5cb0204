"""The process of a language: what it reports when a build succeeds, fails or dies."""

from __future__ import annotations

import subprocess
import sys

import pytest

# A program of its own: it forks, which pytest's process with its threads should not do.
CODE = """
import os, sys
from book_engine.mkdocs import workers
from book_engine.mkdocs.workers import Report

def build(task):
    if task == "die":
        os._exit(7)
    if task == "fail":
        raise ZeroDivisionError("of the build")
    return Report({task})

workers.build_language = build
if __name__ == "__main__":
    worker = workers.LanguageProcess()
    for task in sys.argv[1].split():
        worker.start(task)
        if task != "forgotten":
            report = worker.finish()
            print(sorted(report.characters), report.error and report.error.strip().splitlines()[-1], worker.alive())
    worker.close()
    print("closed", worker.alive())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the process is spawned, without the stub of this test")
@pytest.mark.parametrize(("tasks", "said"), [
    ("a b", ["['a'] None True", "['b'] None True", "closed False"]),
    ("fail a", ["[] ZeroDivisionError: of the build True", "['a'] None True", "closed False"]),
    ("forgotten a", ["['a'] None True", "closed False"]),
    ("a die", ["['a'] None True",
               "[] the process that builds this language died (exit status 7) False", "closed False"]),
])
def test_language_process(tmp_path, tasks, said):
    program = tmp_path / "program.py"
    program.write_text(CODE)
    command = [sys.executable, str(program), tasks]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.stdout.splitlines(), done.stderr) == (said, "")

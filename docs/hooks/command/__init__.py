"""The program `book`: finds the book that the current folder lies in and asks its engine.

This package alone is installed. The engine is not, so that no code of a chapter can come to depend on it.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> int:
    """Exit status as in hooks/commands.py; 1 outside a book."""
    here = Path.cwd()
    root = next((folder for folder in (here, *here.parents) if (folder / "docs/hooks/commands.py").is_file()), None)
    if root is None:
        print(f"no book here: neither {here} nor a folder above it has docs/hooks; go to the folder that you cloned",
              file=sys.stderr)
        return 1
    sys.path.insert(0, str(root / "docs"))
    from hooks import commands

    return commands.main()

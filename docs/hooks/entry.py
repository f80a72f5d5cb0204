"""What MkDocs loads (`hooks:` in mkdocs.yml): the events of the root build. MkDocs loads it once per process,
so an edit of the engine under `mkdocs serve` needs a restart."""

import sys
from pathlib import Path

DOCS = str(Path(__file__).resolve().parents[1])
if DOCS not in sys.path:
    sys.path.insert(0, DOCS)

from hooks.site import RootBuild  # noqa: E402 - found through the line above

_build = RootBuild()
on_startup = _build.on_startup
on_config = _build.on_config
on_pre_build = _build.on_pre_build
on_files = _build.on_files
on_env = _build.on_env
on_post_build = _build.on_post_build
on_shutdown = _build.on_shutdown

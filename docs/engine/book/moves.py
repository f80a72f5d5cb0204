"""The files with the states of blocks that move, one for each block and language. Kept by content."""

from __future__ import annotations

from ..markdown.render import moving_file
from ..run.cache import Cache, digest, engine_digest
from ..source.errors import BookError
from .book import Prepared


def moving_files(prepared: Prepared, cache: Cache) -> tuple[dict[str, bytes], list[BookError]]:
    """Each file by its path in the site, and what is wrong with others. A page that failed has none."""
    files: dict[str, bytes] = {}
    errors: list[BookError] = []
    for path, result in prepared.results.items():
        blocks = zip(prepared.pages[path].blocks, result.blocks, strict=False)  # a failed run ends early
        for number, (block, output) in enumerate(blocks, 1):
            if (move := block.options.move) is None:
                continue
            key = digest([engine_digest("source", "figures", "markdown"), path, number, move.alt, output["states"]])
            if (kept := cache.get(key)) is None:
                try:
                    kept = moving_file(block, move, number, output, path)
                except BookError as error:
                    errors.append(error)
                    continue
                cache.put(key, kept)
            files[kept[0]] = kept[1].encode()
    return files, errors

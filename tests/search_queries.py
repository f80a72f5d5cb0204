"""Queries: a hundred as readers type them, on a frozen corpus, and random ones from the texts of the pages.

    python tests/search_queries.py site

writes the corpus, search_corpus.json, anew from a built site: after that, look at what the hundred find.
"""

from __future__ import annotations

import json
import random
import re
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

FOLDER = Path(__file__).parent
CORPUS = FOLDER / "search_corpus.json"
OTHERS = ("symbols", "errata", "questions", "sources", "bibliography", "labs")
KEPT = 400  # characters of a section in the corpus
HAN = r"[\u3400-\u9fff]"
SMALL_WORDS = frozenset((
    "a", "all", "also", "an", "and", "are", "as", "at", "be", "been", "both", "but", "by", "can", "do", "does",
    "each", "for", "from", "had", "has", "have", "how", "if", "in", "into", "is", "it", "its", "more", "no", "not",
    "of", "on", "one", "only", "or", "other", "out", "same", "so", "such", "than", "that", "the", "their", "them",
    "then", "there", "these", "they", "this", "to", "two", "was", "were", "what", "when", "where", "which", "who",
    "why", "will", "with", "you",
))


@dataclass(frozen=True)
class Query:
    text: str
    page: str  # it comes from there, and is to be found there
    loose: bool = False  # another form of a word of the page


def page_texts(site: Path, language: str) -> dict[str, str]:
    """What the search index holds of each page, without markup."""
    texts: dict[str, list[str]] = {}
    for entry in json.loads((site / language / "search/sections.json").read_text("utf-8"))["sections"]:
        texts.setdefault(entry["location"].partition("#")[0], []).append(f"{entry['title']} \n{entry['text']}")
    return {page: "\n".join(parts) for page, parts in sorted(texts.items())}


def sample(texts: Mapping[str, str], pattern: str, cut: Callable[[random.Random, str], str], number: int,
           seed: int) -> list[Query]:
    """`number` pages drawn at random, on each a match of the pattern, of it what `cut` takes."""
    draw = random.Random(f"{seed} {pattern}")
    places = {page: found for page, text in texts.items() if (found := re.findall(pattern, text))}
    pages = [draw.choice(list(places)) for _ in range(number)]
    return [Query(cut(draw, draw.choice(places[page])), page) for page in pages]


def chinese(texts: Mapping[str, str], number: int, seed: int) -> list[Query]:
    """2 to 6 characters from the middle of a sentence, whether or not words begin and end there."""
    def cut(draw: random.Random, run: str) -> str:
        size = draw.randint(2, 6)
        start = draw.randint(1, len(run) - size - 1)
        return run[start : start + size]
    return sample(texts, HAN + "{8,}", cut, number, seed)


def mixed(texts: Mapping[str, str], number: int, seed: int) -> list[Query]:
    """A word in Latin letters and the Chinese beside it, with the space between them or without."""
    pattern = f"[A-Za-z]{{3,}} {HAN}{{2,4}}|{HAN}{{2,4}} [A-Za-z]{{3,}}"
    return sample(texts, pattern, lambda draw, text: draw.choice([text, text.replace(" ", "")]), number, seed)


def english(texts: Mapping[str, str], number: int, seed: int) -> list[Query]:
    """1 to 3 words of a sentence that begin and end with no small word."""
    def cut(draw: random.Random, run: str) -> str:
        words = run.lower().split()
        starts = [i for i, word in enumerate(words) if is_content(word)]
        start = draw.choice(starts)
        ends = [i for i in starts if start <= i < start + 3]
        return " ".join(words[start : draw.choice(ends) + 1])
    return sample(texts, r"[A-Za-z]+(?: [a-z]+)* [a-z]{5,}(?: [a-z]+)*", cut, number, seed)


def is_content(word: str) -> bool:
    return len(word) > 3 and word not in SMALL_WORDS


def inflected(texts: Mapping[str, str], number: int, seed: int) -> list[Query]:
    """A word of a page in another form: "gradients" for "gradient", "computed" for "computing"."""
    forms = [(r"ing$", "ed"), (r"ed$", "ing"), (r"isation$", "ised"), (r"(?<![sui])s$", ""), (r"(?<=[^s])$", "s")]

    def cut(_: random.Random, word: str) -> str:
        return next(re.sub(pattern, other, word, count=1) for pattern, other in forms if re.search(pattern, word))
    drawn = sample(texts, r"\b[a-z]{5,}(?:[bdklmnprt]|[^sui]s|ing|ed|isation)\b", cut, number, seed)
    return [Query(query.text, query.page, loose=True) for query in drawn]


def holds(text: str, query: Query) -> bool:
    """Whether the text has the query in it, word for word, or, for a loose one, in any form."""
    if query.loose:
        return any(root(word) == root(query.text) for word in re.findall(r"[a-z]+", text.lower()))
    return bare(query.text) in bare(text)


def bare(text: str) -> str:
    return re.sub(r"\W+", "", text.lower())


def root(word: str) -> str:
    return re.sub(r"(?:isations?|ised|ising|ise|ations?|ing|ed|es|(?<!s)s|e)$", "", word)


def is_first(query: Query, results: Sequence[str], texts: Mapping[str, str]) -> bool:
    """Its page is among the first three; or each of these holds it as well, so that none of them is wrong."""
    return query.page in results[:3] or len(results) > 2 and all(holds(texts[page], query) for page in results[:3])


def is_found(query: Query, results: Sequence[str], texts: Mapping[str, str]) -> bool:
    """Its page is shown at all: where it stands changes with every sentence of the book, so ranks are tested on the
    frozen corpus. A common word has ten other answers that hold it, in some form."""
    form = replace(query, loose=query.loose or query.text.isascii() and " " not in query.text)
    return (query.page in results or is_first(query, results, texts)
            or len(results) >= 10 and all(holds(texts[page], form) for page in results[:10]))


def hundred(language: str) -> dict[str, set[str]]:
    """By query the places that answer it."""
    queries = tomllib.loads((FOLDER / "search_hundred.toml").read_text("utf-8"))[language]
    return {query: set(places.split()) for query, places in queries.items()}


def frozen(site: Path, language: str) -> dict[str, object]:
    """What the corpus keeps of a language: how all sections of chapters begin, all that is to be found, and a third of
    the others."""
    found = json.loads((site / language / "search/sections.json").read_text("utf-8"))
    right = set().union(*hundred(language).values())
    kept = [section | {"text": section["text"][:KEPT]} for number, section in enumerate(found["sections"])
            if place(section["location"]) in right or number % 3 == 0 or "#" not in section["location"]
            or not section["location"].startswith(OTHERS)]
    return found | {"sections": kept}


def place(location: str) -> str:
    """`loss/#convex` as the queries write it: `loss#convex`; the top of a page is `loss#`."""
    page, _, anchor = location.partition("#")
    return f"{page.removesuffix('/')}#{anchor}"


if __name__ == "__main__":
    corpus = {language: frozen(Path(sys.argv[1]), language) for language in ("zh", "en")}
    CORPUS.write_text(json.dumps(corpus, ensure_ascii=False, indent=0, separators=(",", ":")) + "\n", "utf-8")

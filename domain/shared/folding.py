"""Normalizes text for comparison, whatever it is; nothing else in Dashtam does.

Unicode sorts the combining marks of a letter, and Python does so by insertion: the time grows with
the square of their number. No language needs more than 30 (UAX #15, Stream-Safe Text).
"""

import re
import unicodedata
from functools import lru_cache
from typing import Literal, TypeAlias

Form: TypeAlias = Literal["NFC", "NFKC", "NFKD"]

MAX_MARKS = 30

# U+034F, COMBINING GRAPHEME JOINER, is invisible, and marks are not sorted across it.
_JOINER = "\u034f"
# Most of what banks write: Latin, Greek, Cyrillic, punctuation, Han, Hangul. None is a mark.
_WITHOUT_MARKS = re.compile(
    "[\0-\u02ff\u0370-\u0482\u048a-\u052f\u2000-\u20cf\u4e00-\u9fff\uac00-\ud7a3]*"
)
# Letters that Unicode does not take apart, as people without them write them.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe"})


def comparable(text: str, form: Form = "NFKC") -> str:
    """Normalize what a bank wrote; nothing is refused, and the time is linear."""
    return unicodedata.normalize(form, stream_safe(text))


def folded(text: str) -> str:
    """Return text in lower case and without accents, to compare it."""
    if text.isascii():
        return text.lower()
    bare = comparable(text.casefold(), "NFKD").translate(_LETTERS)
    return "".join(c for c in bare if not unicodedata.combining(c))


def stream_safe(text: str) -> str:
    """Insert a joiner wherever there are too many marks (UAX #15, D4)."""
    if _WITHOUT_MARKS.fullmatch(text):
        return text
    safe: list[str] = []
    count = 0
    for letter in text:
        leading, trailing, length = _marks(letter)
        if count + leading > MAX_MARKS:
            safe.append(_JOINER)
            count = 0
        count = count + length if leading == length else trailing
        safe.append(letter)
    return "".join(safe)


@lru_cache(maxsize=4096)
def _marks(letter: str) -> tuple[int, int, int]:
    """Return how many marks a decomposed letter begins and ends with, and its length.

    Some letters are not marks but decompose into two, such as U+0F73.
    """
    are_marks = [unicodedata.combining(part) > 0 for part in unicodedata.normalize("NFKD", letter)]
    length = len(are_marks)
    leading = are_marks.index(False) if False in are_marks else length
    trailing = are_marks[::-1].index(False) if False in are_marks else length
    return leading, trailing, length

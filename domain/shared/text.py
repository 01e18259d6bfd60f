"""Normalizes what users type, and refuses what is too long for it."""

import re

from domain.shared.errors import Invalid
from domain.shared.folding import MAX_MARKS, Form, comparable, stream_safe
from domain.shared.result import Failure, Result, Success

#: What JSON can escape and no database stores in a text: NUL, and half a surrogate pair.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class InvalidText(Invalid):
    """The text is too long, or has too many combining marks on one letter."""

    code = "invalid-text"


def normalised(text: str, most: int, form: Form = "NFKC") -> Result[str, InvalidText]:
    """Normalize what a user typed; a text longer than `most` is refused first."""
    if len(text) > most:
        return Failure(InvalidText(f"This text has more than {most:,} characters."))
    if stream_safe(text) != text:
        detail = f"This text has more than {MAX_MARKS} combining marks on a single character."
        return Failure(InvalidText(detail))
    return Success(comparable(text, form))

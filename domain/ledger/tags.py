"""Tags: words that the owner of a transaction, its files, or a rule add to it."""

import re
from collections.abc import Sequence

from domain.shared.errors import Invalid
from domain.shared.folding import comparable
from domain.shared.result import Failure, Result, Success

#: The most tags of a transaction, and the most characters of each.
MAX_TAGS = 20
MAX_TAG = 40

_TAG = re.compile(r"\w[\w./-]*")
_NO_TAG = re.compile(r"[^\w./-]+")
_TAG_END = re.compile(r"[,;|\n]")


class InvalidTags(Invalid):
    """There are too many tags, or one is not a word."""

    code = "invalid-tags"


def parse_tags(texts: Sequence[str]) -> Result[tuple[str, ...], InvalidTags]:
    """Return tags in the form in which they are stored: lower case, each once, in order."""
    tags = {comparable(text).strip().casefold() for text in texts}
    if len(tags) > MAX_TAGS:
        return Failure(InvalidTags(f"A transaction has at most {MAX_TAGS} tags."))
    if not all(len(tag) <= MAX_TAG and _TAG.fullmatch(tag) for tag in tags):
        return Failure(
            InvalidTags(
                f"A tag is a word of 1 to {MAX_TAG} letters, digits, hyphens, dots and slashes."
            )
        )
    return Success(tuple(sorted(tags)))


def tags_of(text: str, *, are_words: bool = False) -> tuple[str, ...]:
    """Return the tags of a list that a file writes with commas, or as words.

    What a tag may not contain becomes hyphens.
    """
    names = text.split() if are_words else _TAG_END.split(text)
    tags = (_NO_TAG.sub("-", comparable(name).casefold()).strip("-./") for name in names)
    return tuple(sorted({tag[:MAX_TAG].rstrip("-./") for tag in tags if tag})[:MAX_TAGS])

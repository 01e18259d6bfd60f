"""Names of accounts: what an account is called at first, and which names people may confuse."""

import re

from domain.shared.folding import comparable

MAX_LENGTH = 255
_SHOWN_DIGITS = 4
_MARK = re.compile(r"\d|\b[^\W\d_]\b")
#: Two shorter names are two accounts: too many of them differ by one letter.
_FEWEST_LETTERS = 4


def clean_name(text: str) -> str:
    """Return a name without needless blanks."""
    return " ".join(text.split())


def default_name(institution: str, kind: str, number: str) -> str:
    """Return the institution, the kind and the last four digits; or the word for the account."""
    number, institution = clean_name(number), clean_name(institution)
    if number and not is_number(number):
        return number[:MAX_LENGTH]
    words = "account" if kind == "other" else kind.replace("_", " ")
    digits = "".join(filter(str.isdigit, number))[-_SHOWN_DIGITS:]
    name = " ".join(filter(None, (institution[: MAX_LENGTH // 2], words, digits)))
    return name if institution else name[:1].upper() + name[1:]


def is_number(text: str) -> bool:
    """Whether this is a number and no name: it has more digits than letters."""
    digits, letters = sum(map(str.isdigit, text)), sum(map(str.isalpha, text))
    return digits > letters


def same_name(one: str, other: str) -> bool:
    """Whether two names are one: case, and blanks, do not matter."""
    return _folded(one) == _folded(other)


def nearly_same_name(one: str, other: str) -> bool:
    """Whether one name is the other with one letter missing, added, replaced, or swapped."""
    first, second = sorted((_folded(one), _folded(other)), key=len)
    if _marks(first) != _marks(second) or sum(map(str.isalpha, second)) < _FEWEST_LETTERS:
        return False
    return _is_one_edit_away(first, second)


def _is_one_edit_away(short: str, long: str) -> bool:
    if len(long) - len(short) > 1:
        return False
    at = next((i for i, each in enumerate(short) if each != long[i]), len(short))
    rest, other = short[at:], long[at:]
    if len(short) < len(long):
        return rest == other[1:]
    swapped = rest[:2] == other[1::-1] and rest[2:] == other[2:]
    return rest[1:] == other[1:] or swapped


def _marks(text: str) -> list[str]:
    """Return what tells names of one kind apart: digits, and letters that stand alone."""
    return _MARK.findall(text)


def _folded(text: str) -> str:
    return " ".join(comparable(text).casefold().split())

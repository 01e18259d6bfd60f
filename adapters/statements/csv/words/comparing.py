"""How the words of banks are compared, whatever their case, accents and punctuation."""

import re

from domain.shared.folding import folded

#: Only so much of a header is compared.
MAX_HEADER = 200
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_APART = re.compile(r"[\W_]+")
_WORD = re.compile(r"[|\n]")
# An IBAN, with or without blanks.
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?:\s?[A-Z0-9]){11,30}", re.ASCII)


def normalize(text: str) -> str:
    """Return text in lower case, without accents or punctuation, to compare it."""
    return _APART.sub(" ", folded(_CAMEL.sub(" ", text[:MAX_HEADER]))).strip()


def compact_number(number: str) -> str:
    """Return an account number without blanks if it is an IBAN, to compare it.

    What makes a spreadsheet read it as text, as in “'12345678”, is no part of it.
    """
    number = number.strip().strip("'_").strip()
    return "".join(number.split()) if _IBAN.fullmatch(number) else number


def listed(words: str) -> list[str]:
    """Return the words of a table, where `|` and line breaks separate them, each once."""
    return list(dict.fromkeys(filter(None, map(normalize, _WORD.split(words)))))

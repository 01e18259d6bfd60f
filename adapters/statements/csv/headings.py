"""The words of a header, and the currency that may stand with them."""

import re

from adapters.statements.csv.words import KNOWN, SYMBOLS, plain
from domain.shared.money import is_currency

# No header is longer, where it matters.
_LONG = 200
_CURRENCY = re.compile(r"(?:\bin\s+|[(\[]\s*|\s)([A-Z]{3}|[€£₹₽₩₺₴$])(?:\s*+[)\]])?\s*+$")


def heading(name: str) -> str:
    """Return the words of a header as they are compared, without a currency at their end."""
    words = plain(name)
    return words if words in KNOWN else plain(_CURRENCY.sub("", name[:_LONG].strip()))


def header_currency(name: str) -> str:
    """Return the currency that a header names, as in “Amount (EUR)”."""
    match = _CURRENCY.search(name[:_LONG].strip())
    found = SYMBOLS.get(match[1], match[1]) if match and heading(name) in KNOWN else ""
    return found if is_currency(found) else ""

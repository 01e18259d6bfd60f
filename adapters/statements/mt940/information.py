"""Splits field :86:, information to the account owner, into its parts."""

import re
from collections import defaultdict
from collections.abc import Mapping

# Fields of the German form: a code of three digits, a separator, and numbered parts.
_NUMBERED = re.compile(r"\s*\d{3}\s*([^\w\s/])(?=\d{2})", re.ASCII)
_NUMBER = re.compile(r"\d{2}", re.ASCII)
_PURPOSE = {*range(20, 30), *range(60, 64)}
_NAME = {32, 33}
_BOOKING_TEXT = 0
# Keys of the Dutch form and of SEPA.
_KEY = re.compile(
    r"/(TRTP|TRCD|IBAN|BIC|NAME|REMI|EREF|KREF|MARF|CSID|ORDP|BENM|ADDR|ISDT|RTRN|PREF|CNTP|ULTC"
    r"|ULTD|PURP|ID|USTD|CDTRREFTP|CDTRREF)/",
)


def parts_of(text: str) -> dict[str, str]:
    """Return the parts by their numbers or keys; a text without any has the empty key."""
    numbered = _NUMBERED.match(text)
    if numbered:
        return _numbered(text, numbered)
    if _KEY.search(text):
        return _keyed(text)
    return {"": " ".join(text.split())}


def described(parts: Mapping[str, str]) -> str:
    """Return the counterparty and the purpose."""
    if "" in parts:
        return parts[""]
    name = parts.get("NAME") or parts.get("name", "")
    purpose = parts.get("REMI") or parts.get("USTD") or parts.get("purpose", "")
    texts = [name.strip(), (purpose or parts.get("booking text", "")).strip()]
    return " – ".join(text for text in texts if text)


def _numbered(text: str, match: re.Match[str]) -> dict[str, str]:
    parts: defaultdict[str, list[str]] = defaultdict(list)
    parts["code"].append(text[: match.start(1)].strip())
    pieces = text[match.start(1) + 1 :].replace("\n", "").split(match[1])
    for piece in pieces:
        number = int(piece[:2]) if _NUMBER.match(piece) else -1
        if number in _PURPOSE:
            key = "purpose"
        elif number in _NAME:
            key = "name"
        else:
            key = "booking text" if number == _BOOKING_TEXT else piece[:2]
        parts[key].append(piece[2:])
    return {key: "".join(texts) for key, texts in parts.items()}


def _keyed(text: str) -> dict[str, str]:
    first, *pieces = _KEY.split(text.replace("\n", ""))
    parts = {"text": first.strip()} if first.strip() else {}
    for key, value in zip(pieces[::2], pieces[1::2], strict=True):
        parts.setdefault(key, value.strip("/ "))
    return parts

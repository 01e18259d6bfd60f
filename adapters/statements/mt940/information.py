"""Splits field :86:, information to the account owner, into its parts."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from adapters.statements.references import usable

# Fields of the German form: a code of three digits, a separator, and numbered parts. Where the code
# is missing, the separator must be one that banks use.
_NUMBERED = re.compile(
    r"\s*(?:(?P<code>\d{3})\s*)?(?P<separator>(?(code)[^\w\s/]|[?~^<>|]))(?=\d{2})", re.ASCII
)
_NUMBER = re.compile(r"\d{2}", re.ASCII)
_PURPOSE = {*range(20, 30), *range(60, 64)}
_NAME = {32, 33}
_BOOKING_TEXT = 0
# Keys of the Dutch form and of SEPA.
_KEY = re.compile(
    r"/(TRTP|TRCD|IBAN|BIC|NAME|REMI|EREF|KREF|MARF|CSID|ORDP|BENM|ADDR|ISDT|RTRN|PREF|CNTP|ULTC"
    r"|ULTD|ULTB|UCRD|UDTR|PURP|ID|USTD|CDTRREFTP|CDTRREF|ACCW|BUSP|CHGS|CREF|EXCH|IREF|NRTX|OCMT"
    r"|SVCL)/",
)
# Remittance information may begin with the words for its form and for who issued a reference.
_FORM = re.compile(r"(?:USTD|STRD)/[^/]*/")
# SEPA's keys, which banks write into the purpose of the German form, or into a text without form.
_SEPA = re.compile(
    r"(?<![A-Z])(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP|ANAM|BREF|RREF)\+"
)
# Where the account of the counterparty is in the numbered form: an IBAN first.
_ACCOUNT_PARTS = ("38", "31")
_PARTIES = ("NAME", "ORDP", "BENM", "UCRD", "UDTR", "name")
#: The parts of a counterparty: account, BIC, name, city.
_COUNTERPARTY, _ITS_NAME = "CNTP", 2
# SEPA: the most characters of an end-to-end id.
_LONGEST_ID = 35


class Texts(NamedTuple):
    """Who and why."""

    payee: str
    counterparty_account: str
    reference: str
    memo: str


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
    texts = [_name(parts), (_purpose(parts) or parts.get("booking text", "")).strip()]
    return " – ".join(text for text in texts if text)


def texts_of(parts: Mapping[str, str]) -> Texts:
    """Return who and why, as far as the information has parts for them."""
    purpose = (parts.get("") or _purpose(parts)).strip()
    before, *pieces = _SEPA.split(purpose)
    sepa = dict(zip(pieces[::2], map(str.strip, pieces[1::2]), strict=True))
    memo = sepa.get("SVWZ") or before.strip() if sepa else purpose
    account = parts.get("IBAN") or parts.get(_COUNTERPARTY, "").split("/")[0]
    account = account or parts.get("ACCW", "").split(",")[0] or sepa.get("IBAN", "")
    numbered = (parts.get(key, "").strip() for key in _ACCOUNT_PARTS)
    return Texts(
        payee=_name(parts),
        counterparty_account=account or next(filter(None, numbered), ""),
        reference=_reference(parts.get("EREF") or sepa.get("EREF", "")),
        memo=memo if sepa or "" not in parts else "",
    )


def _reference(text: str) -> str:
    """Return an end-to-end id, unless text without a key of its own follows it."""
    return (usable(text) or "") if len(text) <= _LONGEST_ID else ""


def _name(parts: Mapping[str, str]) -> str:
    name = next(filter(None, (parts.get(key) for key in _PARTIES)), "")
    counterparty = parts.get(_COUNTERPARTY, "").split("/")
    if len(counterparty) > _ITS_NAME and not name:
        name = counterparty[_ITS_NAME]
    return name.strip()


def _purpose(parts: Mapping[str, str]) -> str:
    purpose = _without_form(parts.get("REMI", ""))
    return purpose or parts.get("USTD") or parts.get("purpose", "")


def _without_form(text: str) -> str:
    form = _FORM.match(text)
    return text[form.end() :].strip() if form else text


def _numbered(text: str, match: re.Match[str]) -> dict[str, str]:
    parts: defaultdict[str, list[str]] = defaultdict(list)
    parts["code"].append(match["code"] or "")
    pieces = text[match.end() :].replace("\n", "").split(match["separator"])
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
        # The parts of a counterparty may be empty.
        parts.setdefault(key, value.rstrip("/ ") if key == _COUNTERPARTY else value.strip("/ "))
    return parts

"""How statements refer to accounts, and which of these references mean the same account."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.ledger.account_names import is_number
from domain.ledger.ibans import BIC, Iban, find_iban, has_layout
from domain.ledger.values import AccountReference

#: Fewer digits are no evidence, because too many accounts have or end in the same ones.
MIN_DIGITS = 5
MAX_LENGTH = 255
_SEPARATORS = re.compile(r"[\s./\u2010-\u2015-]+")
_DOTS = re.compile(r"\.{2,}")
_BANK_AND_NUMBER = re.compile(r"([0-9A-Z]++[0-9A-Z -]*+)/([^/]++)", re.ASCII)
# Czech and Slovak accounts: the bank stands last, and a prefix may stand before the number.
_NUMBER_AND_BANK = re.compile(
    r"([0-9]{1,6}-[0-9]{2,10}|[0-9]{6,7}|[0-9]{9,10}) ?/ ?([0-9]{4})", re.ASCII
)
_PREFIX_AND_NUMBER = re.compile(r"([0-9]{1,6})-([0-9]{2,10})", re.ASCII)
_BANK_OF_FOUR = re.compile(r"[0-9]{4}", re.ASCII)
_MASKED = re.compile(r"([0-9]*+|[A-Z]{2}[0-9]++)(?:[X*#\u2022\u25cf\u00b7]{2,}|\u2026)([0-9]{3,})")
#: Begins the institution of a key that is a layout.
_LAYOUT = "layout "
_WORD = re.compile(r"[^\W_]{2,}")
# Their overseas territories have BICs of their own, and IBANs of these countries.
_WITH_TERRITORIES = {"FR", "GB"}
_BANK_LAST = {"CZ", "SK"}


class Likeness(StrEnum):
    """How two references compare. Alike: they may mean the same account, and nothing proves it."""

    SAME = "same"
    ALIKE = "alike"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class AccountKey:
    """A reference without what does not matter: references with equal keys mean one account.

    The number is an IBAN, and then the institution is empty; or a number without separators and
    leading zeros; or a name as it is written. Where neither number nor institution tells accounts
    apart, the institution is the layout of the file.
    """

    institution: str
    number: str


def canonical(reference: AccountReference) -> AccountReference:
    """Return a reference whose number is the IBAN, or the number without bank and currency."""
    institution = _head_office(reference.institution.strip())
    number = _without_currency(reference.number.strip(), reference.currency)
    iban, word = find_iban(reference.number)
    if iban:
        number = iban
        institution = institution or (_head_office(word) if BIC.fullmatch(word) else "")
    elif not institution and not reference.routing_number:
        institution, number = _split(number)
    routing_number = _head_office(reference.routing_number.strip())
    result = replace(
        reference, institution=institution, number=number, routing_number=routing_number
    )
    return result if result == reference else canonical(result)


def key_of(reference: AccountReference) -> AccountKey:
    """Return the key of a reference."""
    return _Comparable.of(canonical(reference)).key


def reference_by(known: AccountReference, *, institution: str, number: str) -> AccountReference:
    """Return a reference to an account by a key; that of an IBAN names no institution."""
    if institution.startswith(_LAYOUT):
        layout = institution.removeprefix(_LAYOUT)
        return replace(known, institution="", routing_number="", number=number, layout=layout)
    if institution:
        return replace(known, institution=institution, routing_number="", number=number)
    return replace(known, number=number)


def compare(one: AccountReference, other: AccountReference) -> Likeness:
    """Compare two references. A number in several currencies is an account for each of them."""
    if one.currency != other.currency or not (one.number and other.number):
        return Likeness.DIFFERENT
    first, second = (_Comparable.of(canonical(each)) for each in (one, other))
    if first.key == second.key:
        return Likeness.SAME
    if first.iban and second.iban:
        return Likeness.DIFFERENT
    if first.iban:
        return _compare_iban(first, first.iban, second)
    if second.iban:
        return _compare_iban(second, second.iban, first)
    return _compare_numbers(first, second)


@dataclass(frozen=True, slots=True)
class _Comparable:
    """A canonical reference, taken apart. `bank` is what its number or the reference says."""

    bank: str
    key: AccountKey
    iban: Iban | None
    layout: str = ""

    @classmethod
    def of(cls, reference: AccountReference) -> "_Comparable":
        iban = Iban.parse(reference.number)
        if iban:
            bank = reference.routing_number or reference.institution
            return cls(bank, AccountKey("", iban.text), iban)
        bank, number = _split(reference.number)
        bank = bank or reference.routing_number or reference.institution
        key = AccountKey(_bank_key(bank)[:MAX_LENGTH], _number_key(number, bank)[:MAX_LENGTH])
        named = cls(bank, key, None)
        if bank or not reference.layout or named.is_evidence:
            return named
        return cls("", AccountKey(_LAYOUT + reference.layout, key.number), None, reference.layout)

    @property
    def is_evidence(self) -> bool:
        """Whether the number has enough digits to be no accident."""
        number = self.key.number
        return is_number(number) and sum(map(str.isdigit, number)) >= MIN_DIGITS


def _compare_iban(one: _Comparable, iban: Iban, other: _Comparable) -> Likeness:
    number = other.key.number
    within = _accounts_within(iban)
    if _is_bank(iban, other.bank) and number in within:
        return Likeness.SAME
    if _differ(one.bank, other.bank) or _is_other_bank(iban, other.bank):
        return Likeness.DIFFERENT
    if number in _whole_numbers(iban):
        return Likeness.SAME
    if iban.text[:2] in _BANK_LAST and _is_same_code(number, iban.bank):
        # The number and the bank may have been taken for each other.
        is_same = _stripped(other.key.institution) in within
        return Likeness.SAME if is_same else Likeness.DIFFERENT
    unfilled = {_stripped(iban.bank + each) for each in within}
    is_part = number in within | unfilled or iban.text.endswith(number)
    if is_part and other.is_evidence:
        return Likeness.ALIKE
    written = (iban.text, iban.bban, iban.account, *within)
    is_masked = any(_fits_mask(number, each) for each in written)
    return Likeness.ALIKE if is_masked else Likeness.DIFFERENT


def _compare_numbers(one: _Comparable, other: _Comparable) -> Likeness:
    if _differ(one.bank, other.bank):
        return Likeness.DIFFERENT
    is_equal = one.key.number == other.key.number
    is_same_bank = one.bank.isdigit() and _is_same_code(one.bank, other.bank)
    if is_equal and (is_same_bank or has_layout(one.key.number)):
        # If only the check digits of an IBAN are wrong, it still contains country and bank.
        return Likeness.SAME
    is_like = is_equal and (one.is_evidence or one.layout != other.layout)
    is_like |= _contains(one, other) or _contains(other, one)
    is_like |= _fits_mask(one.key.number, other.key.number)
    is_like |= _fits_mask(other.key.number, one.key.number)
    return Likeness.ALIKE if is_like else Likeness.DIFFERENT


def _contains(long: _Comparable, short: _Comparable) -> bool:
    """Whether one number is bank and number of the other, written as one."""
    bank, number = short.key.institution, long.key.number
    is_code = bool(bank) and bank.isdigit() and short.is_evidence
    return (
        is_code
        and number.startswith(bank)
        and number.removeprefix(bank).lstrip("0") == short.key.number
    )


def _whole_numbers(iban: Iban) -> Iterator[str]:
    """Yield national numbers that contain the bank."""
    yield _stripped(iban.bban)
    yield _stripped(iban.text[2:])
    yield _stripped(iban.bank + iban.account)
    yield from _shortened(iban, iban.bban)


def _accounts_within(iban: Iban) -> set[str]:
    """Return the account number, with and without what stands behind it."""
    to_the_end = iban.bban[iban.layout.account.start :]
    accounts = {iban.account, to_the_end, *_shortened(iban, to_the_end)}
    return {_stripped(each) for each in accounts}


def _shortened(iban: Iban, number: str) -> Iterator[str]:
    """Yield a number without the zeros that only its IBAN contains."""
    country = iban.text[:2]
    if country == "HU" and number.endswith("0" * 8):
        yield number[:-8]
    if country == "FI":
        at = 7 if number[0] in "45" else 6
        yield number[:at] + number[at:].lstrip("0")


def _is_bank(iban: Iban, bank: str) -> bool:
    """Whether this is the bank of an IBAN: its bank code, or a BIC that begins with it."""
    if BIC.fullmatch(bank) and bank[4:6] == iban.text[:2] and bank[:4] == iban.bank:
        return True
    return _is_same_code(bank, iban.bank)


def _is_same_code(one: str, other: str) -> bool:
    """Whether these are one bank code; leading zeros do not matter."""
    return _stripped(_bank_key(one)) == _stripped(_bank_key(other))


def _is_other_bank(iban: Iban, bank: str) -> bool:
    """Whether this is surely not the bank of an IBAN."""
    country, start = iban.text[:2], iban.bban[:4]
    if BIC.fullmatch(bank):
        is_elsewhere = bank[4:6] != country and country not in _WITH_TERRITORIES
        return is_elsewhere or (start.isalpha() and bank[:4] != start)
    code = _SEPARATORS.sub("", bank)
    return code.isdigit() and len(code) == len(iban.bank) and code != iban.bank


def _differ(one: str, other: str) -> bool:
    """Whether these are surely two institutions. A code, a BIC and a name cannot be compared."""
    if not one or not other:
        return False
    if BIC.fullmatch(one) and BIC.fullmatch(other):
        return one[:6] != other[:6]
    first, second = (_SEPARATORS.sub("", each) for each in (one, other))
    if first.isdigit() and second.isdigit():
        return len(first) == len(second) and first != second
    if any(BIC.fullmatch(each) or each.isdigit() for each in (one, other, first, second)):
        return False
    first, second = one.casefold(), other.casefold()
    return first != second and not {*_WORD.findall(first)} & {*_WORD.findall(second)}


def _fits_mask(masked: str, number: str) -> bool:
    mask = _MASKED.fullmatch(masked)
    if not mask:
        return False
    other = _MASKED.fullmatch(number)
    if other:
        return mask[2].endswith(other[2])
    return is_number(number) and number.startswith(mask[1]) and number.endswith(mask[2])


def _split(number: str) -> tuple[str, str]:
    """Return the bank and the number of what contains both, or no bank."""
    bank_last = _NUMBER_AND_BANK.fullmatch(number)
    if bank_last:
        return bank_last[2], bank_last[1]
    bank_first = _BANK_AND_NUMBER.fullmatch(number)
    if not bank_first:
        return "", number
    bank, rest = (part.strip() for part in bank_first.groups())
    digits = sum(map(str.isdigit, rest))
    is_bank = any(map(str.isdigit, bank)) or BIC.fullmatch(bank) or digits >= 3
    return (bank, rest) if is_bank and digits else ("", number)


def _without_currency(number: str, currency: str) -> str:
    bare = number.rstrip(") ")
    if not currency or bare[-len(currency) :].upper() != currency:
        return number
    shorter = bare[: -len(currency)].rstrip(" /(-")
    return shorter if shorter[-1:].isdigit() and is_number(shorter) else number


def _head_office(institution: str) -> str:
    """Return a BIC without the branch XXX, which is the head office (ISO 9362)."""
    is_head = len(institution) == 11 and institution.endswith("XXX") and BIC.fullmatch(institution)
    return institution[:8] if is_head else institution


def _bank_key(bank: str) -> str:
    code = _SEPARATORS.sub("", bank)
    if code.isdigit():
        return code
    return _head_office(bank) if BIC.fullmatch(bank) else " ".join(bank.casefold().split())


def _number_key(number: str, bank: str) -> str:
    prefixed = _PREFIX_AND_NUMBER.fullmatch(number)
    if prefixed and _BANK_OF_FOUR.fullmatch(bank):
        number = prefixed[1] + prefixed[2].zfill(10)
    compact = _SEPARATORS.sub("", _DOTS.sub("\u2026", number)).upper()
    if _MASKED.fullmatch(compact):
        return compact
    return _stripped(compact) if is_number(compact) else " ".join(number.split())


def _stripped(number: str) -> str:
    return number.lstrip("0") or "0"

"""IBANs: what is one, and where bank code and account number are in it (ISO 13616)."""

import re
from dataclasses import dataclass
from functools import cached_property

from domain.shared.money import is_currency

#: The layouts of the SWIFT IBAN registry, release 101: the country, the BBAN (n digits, a letters,
#: c both), and where the bank code, with that of the branch, and the account number are in it.
_REGISTRY = """
    AD 8n12c 0-8 8-20       AE 19n 0-3 3-19         AL 8n16c 0-8 8-24       AT 16n 0-5 5-16
    AZ 4a20c 0-4 4-24       BA 16n 0-6 6-14         BE 12n 0-3 0-12         BG 4a6n8c 0-8 8-18
    BH 4a14c 0-4 4-18       BI 23n 0-10 10-21       BR 23n1a1c 0-13 13-23   BY 4c4n16c 0-4 4-24
    CH 5n12c 0-5 5-17       CR 18n 0-4 4-18         CY 8n16c 0-8 8-24       CZ 20n 0-4 4-20
    DE 18n 0-8 8-18         DJ 23n 0-10 10-21       DK 14n 0-4 4-14         DO 4c20n 0-4 4-24
    EE 16n 0-2 2-16         EG 25n 0-8 8-25         ES 20n 0-8 10-20        FI 14n 0-3 0-14
    FK 2a12n 0-2 2-14       FO 14n 0-4 4-14         FR 10n11c2n 0-10 10-21  GB 4a14n 4-10 10-18
    GE 2a16n 0-2 2-18       GI 4a15c 0-4 4-19       GL 14n 0-4 4-14         GR 7n16c 0-7 7-23
    GT 24c 0-4 4-24         HN 4a20n 0-4 4-24       HR 17n 0-7 7-17         HU 24n 0-8 8-24
    IE 4a14n 4-10 10-18     IL 19n 0-6 6-19         IQ 4a15n 0-7 7-19       IS 22n 0-4 4-12
    IT 1a10n12c 1-11 11-23  JO 4a4n18c 0-8 8-26     KW 4a22c 0-4 4-26       KZ 3n13c 0-3 3-16
    LB 4n20c 0-4 4-24       LC 4a24c 0-4 4-28       LI 5n12c 0-5 5-17       LT 16n 0-5 5-16
    LU 3n13c 0-3 3-16       LV 4a13c 0-4 4-17       LY 21n 0-6 6-21         MC 10n11c2n 0-10 10-21
    MD 20c 0-2 2-20         ME 18n 0-3 3-16         MK 3n10c2n 0-3 3-13     MN 16n 0-4 4-16
    MR 23n 0-10 10-21       MT 4a5n18c 4-9 9-27     MU 4a19n3a 0-8 8-20     NI 4a20n 0-4 4-24
    NL 4a10n 0-4 4-14       NO 11n 0-4 0-11         OM 3n16c 0-3 3-19       PK 4a16c 0-4 4-20
    PL 24n 0-8 8-24         PS 4a21c 0-4 4-25       PT 21n 0-8 8-19         QA 4a21c 0-4 4-25
    RO 4a16c 0-4 4-20       RS 18n 0-3 3-16         RU 14n15c 0-14 14-29    SA 2n18c 0-2 2-20
    SC 4a20n3a 0-8 8-24     SD 14n 0-2 2-14         SE 20n 0-3 3-20         SI 15n 0-5 5-13
    SK 20n 0-4 4-20         SM 1a10n12c 1-11 11-23  SO 19n 0-7 7-19         ST 21n 0-8 8-21
    SV 4a20n 0-4 4-24       TL 19n 0-3 3-17         TN 20n 0-5 5-18         TR 6n16c 0-5 6-22
    UA 6n19c 0-6 6-25       VA 18n 0-3 3-18         VG 4a16n 0-4 4-20       XK 16n 0-4 4-14
    YE 4a4n18c 0-8 8-26
"""
_DIGITS, _LETTERS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CHARACTERS = {"n": _DIGITS, "a": _LETTERS, "c": _DIGITS + _LETTERS}
_SEPARATORS = " \t\n\xa0\u2007\u2009\u202f./-\u2010\u2011\u2012\u2013"
_PARTS = re.compile(r"([0-9]{1,2})([nac])")
_FIRST_WORD = re.compile(r"[\W_]*+([^\W_]++)")
_PUNCTUATION = re.compile(r"[\W_]*+")
#: A bank identifier code (ISO 9362): bank, country, place, branch.
BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)


@dataclass(frozen=True)
class Layout:
    """How the IBANs of a country are made."""

    country: str
    structure: str
    bank: slice
    account: slice

    @classmethod
    def parse(cls, country: str, structure: str, bank: str, account: str) -> "Layout":
        places = (slice(*map(int, place.split("-"))) for place in (bank, account))
        return cls(country, structure, *places)

    @cached_property
    def kinds(self) -> str:
        """A letter for each character of the BBAN."""
        return "".join(kind * int(count) for count, kind in _PARTS.findall(self.structure))

    @property
    def length(self) -> int:
        return 4 + len(self.kinds)

    def fits(self, text: str) -> bool:
        kinds = f"aann{self.kinds}"
        return len(text) == len(kinds) and all(
            character in _CHARACTERS[kind] for kind, character in zip(kinds, text, strict=True)
        )


_CELLS = _REGISTRY.split()
LAYOUTS = {
    layout.country: layout
    for layout in (Layout.parse(*_CELLS[at : at + 4]) for at in range(0, len(_CELLS), 4))
}


@dataclass(frozen=True, slots=True)
class Iban:
    """A valid IBAN."""

    text: str

    @classmethod
    def parse(cls, text: str) -> "Iban | None":
        """Return the IBAN that this is, written without separators, or None."""
        if not has_layout(text):
            return None
        # Check digits are 98 minus a remainder, so they are neither 00 nor 01 nor 99.
        rest = int("".join(str(int(each, 36)) for each in text[4:] + text[:4])) % 97
        return cls(text) if rest == 1 and "02" <= text[2:4] <= "98" else None

    @property
    def layout(self) -> Layout:
        return LAYOUTS[self.text[:2]]

    @property
    def bban(self) -> str:
        return self.text[4:]

    @property
    def bank(self) -> str:
        """The bank code, with that of the branch."""
        return self.bban[self.layout.bank]

    @property
    def account(self) -> str:
        """The account number, without check digits behind it."""
        return self.bban[self.layout.account]


def has_layout(text: str) -> bool:
    """Whether this would be an IBAN if its check digits were right."""
    layout = LAYOUTS.get(text[:2])
    return layout is not None and layout.fits(text)


def find_iban(text: str) -> tuple[str, str]:
    """Return the IBAN by which a text names an account, and the word before it, or nothing.

    Before the IBAN may stand the word IBAN and one other, such as the code of the bank. Behind it
    may stand a currency and words. Its check digits may be wrong: then it is only a number.
    """
    text = text.strip().upper()
    first = _FIRST_WORD.match(text)
    word, behind = (first[1], _bare(text[first.end() :])) if first else ("", "")
    for before, rest in (("", text), (word, behind)):
        iban = _iban_at_start(rest) or _iban_at_start(_unlabelled(rest))
        if iban:
            return iban, before
    return "", ""


def _unlabelled(text: str) -> str:
    return _bare(text.removeprefix("IBAN"))


def _bare(text: str) -> str:
    """Return a text without punctuation at its start."""
    start = _PUNCTUATION.match(text)
    return text[start.end() :] if start else text


def _iban_at_start(text: str) -> str:
    layout = LAYOUTS.get(text[:2])
    if layout is None:
        return ""
    written = ""
    for end, character in enumerate(text, 1):
        if character not in _SEPARATORS:
            written += character
        if len(written) == layout.length:
            # Without right check digits, "No 12…" is more likely a label than Norway.
            is_one = Iban.parse(written) or (has_layout(written) and text[2:4].isdigit())
            return written if is_one and _may_follow(text[end:]) else ""
    return ""


def _may_follow(text: str) -> bool:
    """Whether this may stand behind an IBAN: a number could be that of a sub-account."""
    if is_currency(text[:3]) and not text[3:4].isalnum():
        text = text[3:]
    word = _FIRST_WORD.match(text)
    return not text[:1].isalnum() and not (word and word[1].isdigit())

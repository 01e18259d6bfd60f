"""IBANs for tests, made without the code that reads them."""

from string import ascii_uppercase, digits

from hypothesis import strategies as st

from domain.ledger.ibans import LAYOUTS, Layout

ALPHABETS = {"n": digits, "a": ascii_uppercase, "c": digits + ascii_uppercase}
#: What banks put between and around the characters of an IBAN.
BEFORE = ("", "IBAN ", "IBAN: ", "iban", "Girokonto ", "Konto: IBAN ")
BEHIND = ("", "EUR", " EUR", "/EUR", " / Girokonto", " Girokonto", " (EUR)", " BIC BYLADEM1001")
BETWEEN = ("", " ", "-", ".", "/", "\xa0")


def with_check_digits(country: str, bban: str) -> str:
    """Return the IBAN of a national number: the remainder is computed digit by digit."""
    remainder = 0
    for character in f"{bban}{country}00":
        for digit in str(digits.find(character) if character.isdigit() else ord(character) - 55):
            remainder = (remainder * 10 + int(digit)) % 97
    return f"{country}{98 - remainder:02}{bban}"


def _of(layout: Layout) -> st.SearchStrategy[str]:
    characters = (st.sampled_from(ALPHABETS[kind]) for kind in layout.kinds)
    return st.tuples(*characters).map(
        lambda drawn: with_check_digits(layout.country, "".join(drawn))
    )


def ibans(*countries: str) -> st.SearchStrategy[str]:
    layouts = [LAYOUTS[country] for country in countries or LAYOUTS]
    return st.sampled_from(layouts).flatmap(_of)


@st.composite
def spellings(draw: st.DrawFn, iban: str) -> str:
    """Draw a way in which banks write an IBAN."""
    size = draw(st.integers(2, 6))
    groups = [iban[at : at + size] for at in range(0, len(iban), size)]
    written = draw(st.sampled_from(BETWEEN)).join(groups)
    if draw(st.booleans()):
        written = written.lower()
    before, behind = draw(st.sampled_from(BEFORE)), draw(st.sampled_from(BEHIND))
    return f"{before}{written}{behind}"

"""Which references of statements mean the same account."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.ledger.account_numbers import Likeness, canonical, compare, key_of, reference_by
from domain.ledger.ibans import LAYOUTS, Iban
from domain.ledger.kinds import AccountKind
from domain.ledger.values import AccountReference
from tests.ibans import ibans, spellings, with_check_digits

SAME, ALIKE, DIFFERENT = Likeness.SAME, Likeness.ALIKE, Likeness.DIFFERENT
GERMAN = "DE02120300000000202051"
DUTCH = "NL91ABNA0417164300"
BRITISH = "GB29NWBK60161331926819"
FRENCH = "FR1420041010050500013M02606"
# In the layout of an IBAN, but the check digits are wrong.
MISPRINT = "NL57RABO0104510633"


def ref(number: str, institution: str = "", currency: str = "EUR") -> AccountReference:
    return AccountReference(
        kind=AccountKind.CHECKING, number=number, institution=institution, currency=currency
    )


class TestIbans:
    @pytest.mark.parametrize(
        "text",
        [GERMAN, DUTCH, BRITISH, FRENCH, "NO9386011117947", "MT84MALT011000012345MTLCAST001S"],
    )
    def test_is_valid(self, text: str) -> None:
        assert Iban.parse(text) == Iban(text)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "DE",
            MISPRINT,
            GERMAN[:-1],
            f"{GERMAN}0",
            GERMAN.lower(),
            "DE0212030000000020205A",
            "XX02120300000000202051",
            # The sum is right with these as well, but nobody computes them.
            "DE99120300000000202051",
        ],
    )
    def test_is_not_valid(self, text: str) -> None:
        assert Iban.parse(text) is None

    @given(ibans(), st.data())
    def test_one_wrong_digit_is_seen(self, iban: str, data: st.DataObject) -> None:
        at = data.draw(st.sampled_from([at for at in range(len(iban)) if iban[at].isdigit()]))
        other = data.draw(st.sampled_from("0123456789".replace(iban[at], "")))

        assert Iban.parse(iban[:at] + other + iban[at + 1 :]) is None

    def test_check_digits_are_those_of_the_algorithm(self) -> None:
        """A remainder of 1 is reached by 00 and 97, 01 and 98, 02 and 99 alike; one is right."""
        numbers = [with_check_digits("NO", f"{number:011}") for number in range(200)]
        twins = [f"NO{int(iban[2:4]) % 97:02}{iban[4:]}" for iban in numbers]
        above = [f"NO{int(iban[2:4]) + 97:02}{iban[4:]}" for iban in numbers]

        assert all(map(Iban.parse, numbers))
        others = {*twins, *above} - {*numbers}
        assert others
        assert not any(map(Iban.parse, others))

    @pytest.mark.parametrize("country", LAYOUTS)
    def test_bank_and_account_are_within_the_number(self, country: str) -> None:
        layout = LAYOUTS[country]
        assert set(layout.kinds) <= {"n", "a", "c"}
        for place in (layout.bank, layout.account):
            assert 0 <= place.start < place.stop <= len(layout.kinds)


class TestCanonical:
    @pytest.mark.parametrize(
        ("number", "wanted"),
        [
            ("NL69INGB0123456789EUR", "NL69INGB0123456789"),
            ("NL57RABO0104510633 EUR", MISPRINT),
            ("nl57 rabo 0104 5106 33", MISPRINT),
            (f"{GERMAN} / Girokonto", GERMAN),
            (f"{GERMAN}/EUR", GERMAN),
            (f"{GERMAN} (EUR)", GERMAN),
            (f"{GERMAN} BIC BYLADEM1001", GERMAN),
            ("IBAN: de02 1203 0000 0000 2020 51", GERMAN),
            (f"IBAN{GERMAN}", GERMAN),
            (f"Girokonto {GERMAN}", GERMAN),
            ("DE02-1203-0000-0000-2020-51", GERMAN),
            ("  123 ", "123"),
            ("12345678EUR", "12345678"),
            ("12345678 eur", "12345678"),
            # This may be the number of a sub-account.
            (f"{GERMAN} 001", f"{GERMAN} 001"),
            # The account of somebody's savings names the one it is paid out to.
            (f"Savings for {GERMAN}", f"Savings for {GERMAN}"),
            (f"{GERMAN}X", f"{GERMAN}X"),
            ("12345678USD", "12345678USD"),
            ("Euro", "Euro"),
            ("Neur", "Neur"),
            ("Card 1 EUR", "Card 1 EUR"),
            ("NO 1234567890123", "NO 1234567890123"),
            ("", ""),
        ],
    )
    def test_number(self, number: str, wanted: str) -> None:
        assert canonical(ref(number)) == ref(wanted)

    @pytest.mark.parametrize(
        ("number", "bank", "within"),
        [
            ("20040000/12345678", "20040000", "12345678"),
            ("20040000/12345678EUR", "20040000", "12345678"),
            ("20040000 / 12345678 EUR", "20040000", "12345678"),
            ("BPHKPLPK/320000546101", "BPHKPLPK", "320000546101"),
            ("BLZ/0042", "BLZ", "0042"),
            ("19-2000145399/0800", "0800", "19-2000145399"),
            ("2000145399/0800", "0800", "2000145399"),
            ("ABNANL2AXXX/NL91ABNA0417164300EUR", "ABNANL2A", DUTCH),
            ("Assets/Bank 1", "", "Assets/Bank 1"),
            ("A/B/C", "", "A/B/C"),
        ],
    )
    def test_number_with_its_bank(self, number: str, bank: str, within: str) -> None:
        assert canonical(ref(number)) == ref(within, bank)

    def test_a_bank_that_is_stated_stays(self) -> None:
        stated = ref("20040000/12345678", "COBADEFF")

        assert canonical(stated) == stated
        assert key_of(stated) == key_of(ref("20040000/12345678"))

    def test_the_head_office_is_the_bank(self) -> None:
        assert canonical(ref("1", "RABONL2UXXX")) == ref("1", "RABONL2U")
        assert canonical(ref("1", "COBADEFF100")) == ref("1", "COBADEFF100")

    @given(
        st.text(max_size=60)
        | st.text("0123456789/ -.ABDEINRUXY", max_size=40)
        | ibans().flatmap(spellings),
        st.text(max_size=12) | st.sampled_from(["RABONL2UXXX", "12030000", "0800"]),
    )
    def test_is_idempotent(self, number: str, institution: str) -> None:
        once = canonical(ref(number, institution))

        assert canonical(once) == once
        assert key_of(once) == key_of(ref(number, institution))

    @given(st.data())
    def test_every_spelling_is_the_iban(self, data: st.DataObject) -> None:
        iban = data.draw(ibans())
        written = ref(data.draw(spellings(iban)), data.draw(st.text(max_size=12)))

        assert canonical(written).number == iban
        assert key_of(written).institution == ""
        assert compare(written, ref(iban)) is SAME


PROVEN = [
    (GERMAN, "12030000", "202051"),
    (GERMAN, "12030000", "0000202051"),
    (GERMAN, "120 300 00", "202 051"),
    (GERMAN, "", "12030000/202051"),
    (GERMAN, "BYLADEM1001", "12030000/202051"),
    (GERMAN, "", "120300000000202051"),
    (DUTCH, "ABNANL2A", "0417164300"),
    (DUTCH, "ABNANL2AXXX", "417164300"),
    (DUTCH, "ABNA", "417164300"),
    (BRITISH, "60-16-13", "31926819"),
    (BRITISH, "", "60161331926819"),
    (FRENCH, "2004101005", "0500013M026"),
    (FRENCH, "2004101005", "0500013M02606"),
    (FRENCH, "", "20041010050500013M02606"),
    ("BE68539007547034", "", "539-0075470-34"),
    ("NO9386011117947", "", "8601 11 17947"),
    ("CH9300762011623852957", "762", "0116-23852957"),
    ("AT611904300234573201", "19043", "234573201"),
    ("PL61109010140000071219812874", "", "61109010140000071219812874"),
    ("PL61109010140000071219812874", "10901014", "0000071219812874"),
    ("CZ6508000000192000145399", "", "19-2000145399/0800"),
    ("CZ6508000000192000145399", "0800", "19-2000145399"),
    (with_check_digits("CZ", "08000000190000145399"), "", "19-145399/0800"),
    (with_check_digits("CZ", "08000000000012345678"), "", "12345678/0800"),
    (with_check_digits("SK", "12000000198742637541"), "", "19-8742637541/1200"),
    ("HU42117730161111101800000000", "", "11773016-11111018-00000000"),
    ("HU42117730161111101800000000", "", "11773016-11111018"),
    ("DK5000400440116243", "0040", "0440116243"),
    ("DK5000400440116243", "", "0040 0440116243"),
    ("FI2112345600000785", "", "123456-785"),
    (with_check_digits("ES", "21000418450200051332"), "21000418", "0200051332"),
    (with_check_digits("ES", "21000418450200051332"), "", "2100 0418 45 0200051332"),
    (with_check_digits("IT", "X0542811101000000123456"), "0542811101", "000000123456"),
    (with_check_digits("PT", "000201231234567890154"), "", "0002.0123.12345678901.54"),
    (with_check_digits("SE", "50000000058398257466"), "500", "58398257466"),
]
UNPROVEN = [
    (GERMAN, "", "202051"),
    (GERMAN, "BYLADEM1001", "202051"),
    (GERMAN, "Sparkasse", "0000202051"),
    (GERMAN, "", "12030000 202051"),
    (GERMAN, "", "XXXX2051"),
    (GERMAN, "", "DE02 **** **** 2051"),
    (GERMAN, "", "...2051"),
    (GERMAN, "", "••••2051"),
    (DUTCH, "", "417164300"),
    (BRITISH, "", "31926819"),
    (BRITISH, "NWBKGB2L", "31926819"),
    (FRENCH, "20041", "0500013M026"),
    (with_check_digits("SE", "50000000058398257466"), "", "58398257466"),
]
OTHERS = [
    (GERMAN, "50010517", "202051"),
    (GERMAN, "RABONL2U", "202051"),
    (GERMAN, "", "51"),
    (GERMAN, "", "Girokonto"),
    (GERMAN, "", "XXXX2052"),
    (GERMAN, "", "DE03 **** **** 2051"),
    (GERMAN, "", "51XX"),
    (DUTCH, "INGBNL2A", "417164300"),
    (BRITISH, "60-16-14", "31926819"),
    (with_check_digits("CZ", "08000000000012345678"), "", "12345679/0800"),
    (GERMAN, "", ""),
]


class TestCompare:
    @pytest.mark.parametrize(("iban", "institution", "number"), PROVEN)
    def test_a_national_number_is_the_iban_made_of_it(
        self, iban: str, institution: str, number: str
    ) -> None:
        assert Iban.parse(iban)
        assert both_ways(ref(iban), ref(number, institution)) is SAME

    @pytest.mark.parametrize(("iban", "institution", "number"), UNPROVEN)
    def test_part_of_an_iban_is_alike(self, iban: str, institution: str, number: str) -> None:
        assert both_ways(ref(iban), ref(number, institution)) is ALIKE

    @pytest.mark.parametrize(("iban", "institution", "number"), OTHERS)
    def test_others_are_not(self, iban: str, institution: str, number: str) -> None:
        assert both_ways(ref(iban), ref(number, institution)) is DIFFERENT

    @pytest.mark.parametrize(
        ("one", "other", "wanted"),
        [
            (ref("100200300", "Northbank"), ref("0100-200.300", "NORTHBANK"), SAME),
            (ref("100200300", "Northbank"), ref("100200300", "Southbank"), DIFFERENT),
            (ref("100200300", "12030000"), ref("100200300", "50010517"), DIFFERENT),
            (ref("100200300", "RABONL2U"), ref("100200300", "INGBNL2A"), DIFFERENT),
            (ref("100200300", "RABONL2U"), ref("100200300", "RABONL2UXXX"), SAME),
            (ref("100200300", "762"), ref("100200300", "00762"), SAME),
            # A code, a BIC and a name may all mean one bank.
            (ref("100200300", "Northbank"), ref("100200300"), ALIKE),
            (ref("100200300", "12030000"), ref("100200300", "Northbank"), ALIKE),
            (ref("100200300", "12030000"), ref("100200300", "BYLADEM1001"), ALIKE),
            (ref("100200300", "North Bank"), ref("100200300", "North Bank plc"), ALIKE),
            (ref("12030000100200300"), ref("100200300", "12030000"), ALIKE),
            (ref("12030000 0100200300"), ref("100200300", "12030000"), ALIKE),
            (ref("XXXX0300"), ref("100200300", "Northbank"), ALIKE),
            (ref("XXXX0300", "Southbank"), ref("100200300", "Northbank"), DIFFERENT),
            (ref("XXXX0300"), ref("****0300"), ALIKE),
            (ref("1002****0300"), ref("1002999990300"), ALIKE),
            (ref("1003****0300"), ref("1002999990300"), DIFFERENT),
            # Too short to be evidence, or names.
            (ref("123"), ref("123", "Northbank"), DIFFERENT),
            (ref("Current"), ref("Current", "Northbank"), DIFFERENT),
            (ref("Current"), ref("current"), DIFFERENT),
            (ref("Current"), ref("Current"), SAME),
            (ref("Depot 12345"), ref("Depot 12345", "Northbank"), DIFFERENT),
            # Dollars are another account, whatever the number.
            (ref(GERMAN), ref(GERMAN, currency="USD"), DIFFERENT),
            (ref("XXXX2051"), ref(GERMAN, currency="USD"), DIFFERENT),
            # An IBAN with wrong check digits is a number that contains its bank.
            (ref(MISPRINT), ref(f"{MISPRINT}EUR", "RABONL2U"), SAME),
            (ref(MISPRINT, "INGBNL2A"), ref(MISPRINT, "RABONL2U"), DIFFERENT),
            (ref(MISPRINT), ref("0104510633", "RABONL2U"), DIFFERENT),
            # An IBAN is global, whatever stands beside it.
            (ref(DUTCH, "INGBNL2A"), ref(DUTCH, "RABONL2U"), SAME),
            (ref(DUTCH, "Northbank"), ref(DUTCH, "Southbank"), SAME),
            # What stands beside it says which bank its part cannot belong to.
            (ref(GERMAN, "Northbank"), ref("202051", "Southbank"), DIFFERENT),
            (ref(GERMAN, "Northbank"), ref("202051", "Northbank"), ALIKE),
            # The IBAN says its bank code better than a file does.
            (ref(GERMAN, "99999999"), ref("202051", "12030000"), SAME),
        ],
    )
    def test_others(self, one: AccountReference, other: AccountReference, wanted: Likeness) -> None:
        assert both_ways(one, other) is wanted

    @given(ibans(), ibans(), st.text(max_size=12))
    def test_two_ibans_are_never_one(self, one: str, other: str, institution: str) -> None:
        assume(one != other)

        assert both_ways(ref(one, institution), ref(other, institution)) is DIFFERENT
        assert key_of(ref(one)) != key_of(ref(other))

    @given(ibans("DE", "AT", "DK", "LT", "HR"))
    def test_bank_and_number_are_the_iban(self, iban: str) -> None:
        read = Iban(iban)
        national = ref(read.account.lstrip("0") or "0", read.bank)

        assert both_ways(ref(iban), national) is SAME
        assert both_ways(ref(iban), replace(national, number=f"{read.bank}/{read.account}")) is SAME

    @given(st.data())
    def test_is_symmetric(self, data: st.DataObject) -> None:
        numbers = st.text("0123456789X/ -", max_size=14) | ibans("DE", "CZ", "NL")
        banks = st.sampled_from(["", "Northbank", "12030000", "0800", "RABONL2U", "RABO"])
        one, other = (ref(data.draw(numbers), data.draw(banks)) for _ in range(2))

        both_ways(one, other)
        equal = bool(canonical(one).number) and key_of(one) == key_of(other)
        assert equal is False or compare(one, other) is SAME


class TestNames:
    """Many banks have an account of the same name; the layout of the file tells them apart."""

    @pytest.mark.parametrize("name", ["Savings", "1234", "XXXX1234", "Card 7"])
    @pytest.mark.parametrize("other", ["csv b", ""])
    def test_of_another_layout_are_alike(self, name: str, other: str) -> None:
        one, another = (replace(ref(name), layout=layout) for layout in ("csv a", other))

        assert both_ways(one, one) is SAME
        assert both_ways(one, another) is ALIKE
        assert key_of(one) != key_of(another)
        assert both_ways(one, replace(another, currency="USD")) is DIFFERENT

    @pytest.mark.parametrize(
        ("number", "institution"), [("202051", ""), (GERMAN, ""), ("Savings", "Northbank")]
    )
    def test_are_no_matter_where_number_or_institution_tell(
        self, number: str, institution: str
    ) -> None:
        plain = ref(number, institution)

        assert key_of(replace(plain, layout="csv a")) == key_of(plain)

    @pytest.mark.parametrize("layout", ["csv a", ""])
    def test_are_read_from_their_keys(self, layout: str) -> None:
        named = replace(ref("Savings"), layout=layout)
        key = key_of(named)

        again = reference_by(ref("Other"), institution=key.institution, number=key.number)

        assert again == named


def both_ways(one: AccountReference, other: AccountReference) -> Likeness:
    assert compare(one, other) is compare(other, one)
    return compare(one, other)

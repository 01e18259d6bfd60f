"""Which column names the own account, and which that of the other side."""

import pytest

from domain.ledger.hints import CsvColumn, ReadingHints
from tests.adapters.statements.csv.reading import asked, read

NAMELESS = ReadingHints(currency="EUR", charges_positive=False)
PLAIN = (
    "Date,Account Number,Amount,Text,Currency\n2026-03-14,111222444,-1.00,CAFE,EUR\n"
    "2026-03-15,444555777,-2.00,BAR,EUR\n2026-03-16,111222444,-3.00,SHOP,EUR\n"
)


def numbers_of(text: str, hints: ReadingHints = NAMELESS) -> list[str]:
    return [each.account.number for each in read(text, hints).statements]


def test_a_number_beside_a_name_counts_for_more() -> None:
    text = (
        "Date,Type,Description,Value,Balance,Account Name,Account Number\n"
        "14/03/2026,POS,CAFE,-1.00,99.00,Current,600000-12345679\n"
        "15/03/2026,POS,BAR,-2.00,48.00,Current,600000-87654321\n"
    )

    assert numbers_of(text) == ["600000-12345679", "600000-87654321"]


@pytest.mark.parametrize("code", ["Sort Code", "sort code"])
def test_a_number_beside_a_sort_code_is_the_own_account(code: str) -> None:
    text = (
        f"Transaction Date,Transaction Type,{code},Account Number,Transaction Description,"
        "Debit Amount,Credit Amount,Balance\n"
        "14/03/2026,DEB,'30-00-00,12345679,CAFE,1.00,,99.00\n"
        "15/03/2026,DEB,'30-00-00,87654321,BAR,2.00,,48.00\n"
        "16/03/2026,BGC,'30-00-00,87654321,PAY,,20.00,68.00\n"
    )

    assert numbers_of(text) == ["12345679", "87654321"]


@pytest.mark.parametrize("mask", [" ... ", "****", " •••• ", " XXXX XXXX "])
@pytest.mark.parametrize(
    "header",
    [
        "Datum;Konto;Text;Betrag;Währung",
        "#Data operacji;#Rachunek;#Opis operacji;#Kwota;#Waluta",
        "Date;Account Number;Text;Amount;Currency",
    ],
)
def test_names_with_masked_numbers_are_own_accounts(header: str, mask: str) -> None:
    first, second = f"eKonto 1111{mask}4444", f"Spar 1111{mask}9999"
    text = (
        f"{header}\n13.03.2026;{first};Laden;-12,50;PLN\n14.03.2026;{first};Lohn;1500,00;PLN\n"
        f"15.03.2026;{second};Zins;1,50;PLN\n"
    )
    named = ReadingHints(account="Household", charges_positive=False)

    for hints in (NAMELESS, named):
        assert len({*numbers_of(text, hints)}) == 2
        assert "Household" not in numbers_of(text, hints)


@pytest.mark.parametrize("bank", ["", "DE02 "])
def test_masked_numbers_alone_may_be_of_others(bank: str) -> None:
    text = PLAIN.replace("111222444", f"{bank}1111 ... 2444")
    text = text.replace("444555777", f"{bank}4445 ... 5777")

    assert [each.field for each in asked(text, NAMELESS)] == ["columns.account", "account_name"]


def test_one_number_beside_different_texts_is_the_own_account() -> None:
    assert numbers_of(PLAIN.replace("444555777", "111222444")) == ["111222444"]


def test_balances_that_follow_by_number_show_the_own_account() -> None:
    rows = [
        *("14,1,-1.00,99.00", "14,2,-2.00,48.00", "15,1,-3.00,96.00", "15,2,-5.00,43.00"),
        *("16,1,-4.00,92.00", "16,2,-6.00,37.00"),
    ]
    cells = [row.split(",") for row in rows]
    lines = [f"2026-03-{d},11122233{n},TEXT {d},{a},{b}\n" for d, n, a, b in cells]
    text = "Date,Account Number,Text,Amount,Balance\n" + "".join(lines)

    assert numbers_of(text) == ["111222331", "111222332"]


def test_it_is_asked_whose_account_a_column_names() -> None:
    column, account = asked(PLAIN, NAMELESS)

    assert (column.field, account.field) == ("columns.account", "account_name")
    assert (list(column.options), column.suggestion) == (["Account Number"], "Account Number")
    chosen = ReadingHints(currency="EUR", columns={CsvColumn.ACCOUNT: "Account Number"})
    assert numbers_of(PLAIN, chosen) == ["111222444", "444555777"]


def test_accounts_of_others_are_not_asked_about() -> None:
    text = PLAIN.replace("444555777", "")
    named = ReadingHints(currency="EUR", account="Household", charges_positive=False)

    assert numbers_of(text) == [""]
    assert numbers_of(text, named) == ["Household"]
    assert numbers_of(PLAIN, named) == ["Household"]

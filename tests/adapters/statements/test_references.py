"""References that identify nothing, whatever the format they come in."""

import pytest

from adapters.statements.references import usable, without_constant_ids
from domain.ledger.values import Statement, StatementRow
from tests.adapters.statements.csv.reading import rows_of
from tests.adapters.statements.ofx_reading import one_statement, row_of
from tests.factories import make_reference, make_row
from tests.statements import ofx, statement, transaction

PLACEHOLDERS = [
    *("", "  ", "0", "00000", "000-000-0", "00000000-0000-0000-0000-000000000000"),
    *("-", "--", ".", "...", "*", "***", "xx", "xxx", "XXXX-XXXX", "_", "#"),
    *("NOTPROVIDED", "NOT PROVIDED", "Not provided.", "not_provided", "NOTPROVIDED-1"),
    *("NONREF", "nonref", "NONREF 12", "NOREF", "NO REF", "NONE", "None", "N/A", "n.a.", "NA"),
    *("UNKNOWN", "(unknown)", "NULL", "<null>", "STARTUMS", "nil", "empty", "undefined"),
    *("Keine Referenz", "ohne Referenz", "unbekannt", "sans référence", "sin referencia"),
    *("onbekend", "geen referentie", "nessun riferimento", "ingen referens", "brak danych"),
    *("NO REFERENCE PROVIDED", "Reference not provided", "NO-REF-GIVEN", "KREF+NONREF", "INVALID"),
    *("BEZ REFERENCJI", "IKKE ANGIVET", "NOTREF", "NOTPROVIDE", "NOTPROV", "EREF+NOTPROVIDED"),
    *(
        "No customer reference",
        "Referenz nicht angegeben",
        "Référence non communiquée",
        "Uten ref.",
    ),
    *("Sin ref", "não informado", "senza riferimento", "zonder referentie", "ej angivet"),
    *("ei viitettä", "nie podano", "neuvedeno", "nincs megadva", "fără referință", "не указано"),
    *(
        "NICHT ANGEGEBE",
        "SANS REFERENC",
        "NO AVAILABLE REFERENCE",
        "REF: none",
        "End-to-end-id: none",
    ),
]
IDS = [
    *(
        "1",
        "10",
        "0001",
        "7/00",
        "A",
        "X",
        "R9",
        "X1",
        "0x1F",
        "NOTA-12",
        "NONE-77",
        "NA12",
        "NULLS",
        "NOTREF12",
        "NOELREFER",
        "REF",
        "REFUND",
        "NORDEA",
        "NOVEMBER",
        "INGENIEUR",
        "EINKAUF",
        "NETFLIX",
        "NO-1",
        "BEZIRK",
    ),
    *("2026031300000012", "f47ac10b-58cc-4372-a567-0e02b2c3d479", "取引1", "é", "x" * 200 + "1"),
]


def ids_of(*rows: StatementRow, number: str = "1") -> list[str | None]:
    statement = Statement(account=make_reference(number), rows=rows)
    return [each.provider_id for each in without_constant_ids([statement])[0].rows]


class TestPlaceholders:
    @pytest.mark.parametrize("text", PLACEHOLDERS)
    def test_identify_nothing(self, text: str) -> None:
        assert usable(text) is None

    @pytest.mark.parametrize("text", IDS)
    def test_are_distinguished_from_ids(self, text: str) -> None:
        assert usable(f" {text} ") == text

    @pytest.mark.parametrize("text", PLACEHOLDERS[2:])
    def test_are_no_id_in_ofx(self, text: str) -> None:
        leaves = f"<DTPOSTED>20260301<TRNAMT>-1.00<FITID>{text.replace('<', '(')}<NAME>Shop"

        assert row_of(leaves).provider_id is None

    @pytest.mark.parametrize("text", PLACEHOLDERS)
    def test_are_no_id_in_csv(self, text: str) -> None:
        (only,) = rows_of(f"Date,Amount,Payee,Transaction ID\n2026-03-13,-1.00,Shop,{text}\n")

        assert only.provider_id is None


class TestConstants:
    @pytest.mark.parametrize(
        "others",
        [
            [make_row("-2"), make_row("-3")],
            [make_row(day=30), make_row(day=31)],
            [make_row(description="Another shop"), make_row(description="A third one")],
        ],
        ids=["amount", "day", "text"],
    )
    def test_that_different_rows_share_identify_none(self, others: list[StatementRow]) -> None:
        assert ids_of(make_row(), *others) == [None] * 3

    def test_of_a_payment_and_its_fee_remain(self) -> None:
        assert ids_of(make_row(), make_row("-1.50")) == ["F1", "F1"]

    def test_of_equal_rows_remain(self) -> None:
        assert ids_of(*[make_row()] * 3) == ["F1"] * 3

    def test_of_a_single_row_remain(self) -> None:
        assert ids_of(make_row()) == ["F1"]

    @pytest.mark.parametrize("other", ["F2", None])
    def test_are_those_that_all_rows_have(self, other: str | None) -> None:
        rows = [make_row(), make_row("-2"), make_row("-3"), make_row("-4", provider_id=other)]

        assert ids_of(*rows) == ["F1", "F1", "F1", other]

    def test_are_not_those_of_a_pending_row_and_the_booked_one(self) -> None:
        pending = make_row("-0.90", day=2, pending=True)

        booked = [make_row(), make_row("-2"), make_row("-3")]

        assert ids_of(pending, *booked[:2]) == ["F1"] * 3
        assert ids_of(pending, *booked) == [None] * 4

    def test_are_looked_for_in_all_statements_of_an_account(self) -> None:
        statements = [
            Statement(account=make_reference(number), rows=[make_row(amount)])
            for number, amount in [("1", "-1"), ("2", "-3"), ("1", "-2"), ("1", "-4")]
        ]

        found = without_constant_ids([*statements, Statement(account=make_reference("3"), rows=[])])

        assert [[row.provider_id for row in each.rows] for each in found] == [
            [None],
            ["F1"],
            [None],
            [None],
            [],
        ]

    def test_are_no_ids_in_a_file(self) -> None:
        rows = [transaction(amount, fitid="77") for amount in ("-1.00", "-2.00", "-3.00")]

        found = one_statement(ofx(statement(*rows))).rows

        assert [row.provider_id for row in found] == [None] * 3
        assert [row.raw["FITID"] for row in found] == ["77"] * 3

    def test_are_no_ids_in_a_csv_file(self) -> None:
        rows = "".join(f"2026-03-13,-{n}.00,Shop,77\n" for n in (1, 2, 3))

        found = rows_of("Date,Amount,Payee,ID\n" + rows)

        assert [row.provider_id for row in found] == [None] * 3

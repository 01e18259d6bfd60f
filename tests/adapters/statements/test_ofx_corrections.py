"""Corrections in OFX files: rows that replace or delete others."""

import pytest

from domain.ledger.values import Statement
from tests.adapters.statements.ofx_reading import one_statement, read
from tests.statements import ofx, statement, transaction


def correction(fitid: str, corrects: str, action: str, amount: str = "-1.00") -> str:
    leaves = f"<CORRECTFITID>{corrects}\n<CORRECTACTION>{action}\n<NAME>"
    return transaction(amount, fitid=fitid).replace("<NAME>", leaves)


def ids(parsed: Statement) -> list[str | None]:
    return [row.provider_id for row in parsed.rows]


def test_a_row_replaces_another_one() -> None:
    rows = [transaction(fitid="A"), transaction(fitid="D"), correction("B", "A", "REPLACE")]

    parsed = one_statement(ofx(statement(*rows)))

    assert ids(parsed) == ["D", "B"]
    assert parsed.corrected_ids == ["A"]
    assert parsed.complete


def test_a_row_deletes_another_one() -> None:
    rows = [transaction(fitid="A"), correction("B", "A", "delete"), transaction(fitid="D")]

    assert ids(one_statement(ofx(statement(*rows)))) == ["D"]


def test_a_correction_may_be_corrected() -> None:
    rows = [
        transaction(fitid="A"),
        correction("B", "A", "REPLACE"),
        correction("C", "B", "REPLACE"),
        correction("E", "C", "DELETE"),
        transaction(fitid="F"),
    ]

    parsed = one_statement(ofx(statement(*rows)))

    assert ids(parsed) == ["F"]
    assert parsed.corrected_ids == ["A", "B", "C"]


def test_what_is_corrected_may_be_in_another_statement_of_the_account() -> None:
    first, second = read(
        ofx(statement(transaction(fitid="A")), statement(correction("B", "A", "REPLACE")))
    ).statements

    assert (ids(first), ids(second)) == ([], ["B"])
    assert (first.corrected_ids, second.corrected_ids) == ([], ["A"])


def test_other_accounts_have_ids_of_their_own() -> None:
    first, _ = read(
        ofx(
            statement(transaction(fitid="A")),
            statement(correction("B", "A", "DELETE"), number="2"),
        )
    ).statements

    assert ids(first) == ["A"]


def test_a_row_that_replaces_one_of_its_own_id_is_not_over() -> None:
    rows = [transaction(fitid="A"), correction("A", "A", "REPLACE", "-2.00")]

    parsed = one_statement(ofx(statement(*rows)))

    assert [row.amount.digits for row in parsed.rows] == ["-2.00"]
    assert parsed.corrected_ids == []


@pytest.mark.parametrize("nothing", ["", "0", "NONE"])
def test_a_word_for_no_id_corrects_nothing(nothing: str) -> None:
    rows = [transaction(fitid="A"), correction("B", nothing, "REPLACE")]

    parsed = one_statement(ofx(statement(*rows)))

    assert (ids(parsed), parsed.corrected_ids) == (["A", "B"], ())


def test_a_correction_that_cannot_be_read_corrects_nothing() -> None:
    file = read(ofx(statement(transaction(fitid="A"), correction("B", "A", "DELETE", "?"))))

    assert ids(file.statements[0]) == ["A"]
    assert len(file.quarantined) == 1

"""Which institution an OFX file names, and the code that tells its accounts apart."""

from dataclasses import replace

import pytest

from domain.ledger.account_numbers import Likeness, compare, key_of, reference_by
from domain.ledger.kinds import AccountKind
from domain.ledger.values import AccountReference
from tests.adapters.statements.ofx_reading import one_statement
from tests.statements import ofx, statement


def account(names: str, code: str) -> AccountReference:
    bank = f"<OFX><SONRS><FI>{names}</FI></SONRS>"
    content = ofx(statement(bank=code)).decode().replace("<OFX>", bank)
    return one_statement(content.replace("<BANKID><", "<")).account


@pytest.mark.parametrize(
    ("names", "code", "institution"),
    [
        ("<ORG>Northbank<FID>7", "12030000", "Northbank"),
        ("<ORG>Northbank", "NORTHBANK", "Northbank"),
        ("<FID>7", "12030000", ""),
        ("", "NORTHBANK", "NORTHBANK"),
        ("<FID>7", "", "7"),
    ],
)
def test_the_institution_is_a_name_where_there_is_one(
    names: str, code: str, institution: str
) -> None:
    read = account(names, code)

    assert (read.institution, read.routing_number) == (institution, code)


def test_an_account_is_one_with_and_without_the_name_of_its_bank() -> None:
    nameless, named = account("", "12030000"), account("<ORG>Northbank", "12030000")

    assert key_of(nameless) == key_of(named)
    assert compare(nameless, named) is Likeness.SAME


def test_the_code_of_the_bank_finds_the_iban() -> None:
    iban = AccountReference(kind=AccountKind.OTHER, number="DE02120300000000202051", currency="EUR")
    national = replace(account("<ORG>Northbank", "12030000"), number="202051")

    assert compare(iban, national) is Likeness.SAME
    assert compare(iban, replace(national, routing_number="50010517")) is Likeness.DIFFERENT


def test_an_alias_has_a_bank_of_its_own() -> None:
    known = account("<ORG>Northbank", "12030000")

    alias = reference_by(known, institution="southbank", number="7")

    assert key_of(alias).institution == "southbank"
    assert key_of(reference_by(known, institution="", number="7")).institution == "12030000"

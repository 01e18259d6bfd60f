"""Imports at once that write the number of one account in different ways make one account."""

import asyncio

import pytest

from adapters.persistence.ledger.models import AccountModel
from tests.adapters.persistence.test_imports import counted, import_file, someone
from tests.camt import entry, message, statement

pytestmark = pytest.mark.usefixtures("committing_database")

IBAN = "DE02120300000000202051"
MT940 = """:20:STARTUMS
:25:{number}
:28C:1/1
:60F:C260312EUR100,00
:61:2603130313D12,50N544NONREF
:86:x
:62F:C260313EUR87,50
-
"""


def mt940(number: str) -> bytes:
    return MT940.format(number=number).encode()


SPELLINGS = {
    "the same IBAN": [mt940(f"{IBAN}EUR"), message(statement(entry(), iban=IBAN))],
    "bank and number": [mt940("12030000/202051"), message(statement(entry(), iban=IBAN))],
    "zeros and blanks": [mt940("12030000/0000202051"), mt940("12030000/202 051 EUR")],
}


@pytest.mark.parametrize("case", SPELLINGS)
async def test_one_account_is_added(case: str) -> None:
    user_id = await someone()

    done = await asyncio.gather(*(import_file(user_id, content) for content in SPELLINGS[case] * 3))

    accounts = {statement.account_id for each in done for statement in each.statements}
    assert len(accounts) == 1
    assert await counted(AccountModel) == [1]


async def test_two_that_look_alike_are_not_both_added() -> None:
    """The second sees what the first has added, and asks."""
    user_id = await someone()
    files = [mt940("202051"), message(statement(entry(), iban=IBAN))]

    results = await asyncio.gather(
        *(import_file(user_id, content) for content in files), return_exceptions=True
    )

    asked = [each for each in results if isinstance(each, AssertionError)]
    assert len(asked) == 1
    assert "may be your account" in str(asked[0])
    assert await counted(AccountModel) == [1]

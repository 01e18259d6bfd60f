"""Transactions that a later file of their bank replaces or deletes, over HTTP."""

from typing import Any

import pytest

from tests.api.client import Api
from tests.statements import ofx, statement, transaction


def correction(fitid: str, corrects: str, action: str, amount: str = "-12.50") -> str:
    leaves = f"<CORRECTFITID>{corrects}\n<CORRECTACTION>{action}\n<NAME>"
    return transaction(amount, fitid=fitid).replace("<NAME>", leaves)


FIRST = ofx(statement(transaction(fitid="A"), transaction("-7.00", fitid="D", name="Kiosk")))
# The replacement is of the same day and amount: its text alone differs.
SECOND = ofx(
    statement(
        correction("B", "A", "REPLACE").replace("Coffee house", "Tea house"),
        correction("C", "D", "DELETE", "-7.00"),
        balance="<LEDGERBAL><BALAMT>107.00<DTASOF>20260331</LEDGERBAL>",
    )
)


async def listed(api: Api) -> list[str]:
    (account,) = (await api.get("accounts")).json()["items"]
    items: list[Any] = (await api.get(f"accounts/{account['id']}/transactions")).json()["items"]
    return sorted(each["provider_id"] for each in items)


@pytest.mark.parametrize(
    "files", [[FIRST, SECOND], [SECOND, FIRST], [FIRST, SECOND, FIRST + b"\n"]]
)
async def test_are_over_in_whatever_order_the_files_come(api: Api, files: list[bytes]) -> None:
    await api.enter()

    for each in files:
        assert (await api.upload(each)).status_code == 201

    assert await listed(api) == ["B"]


async def test_return_when_the_correction_is_undone(api: Api) -> None:
    await api.enter()
    await api.upload(FIRST)
    done = (await api.upload(SECOND)).json()

    await api.delete(f"imports/{done['id']}")

    assert await listed(api) == ["A", "D"]


async def test_stay_deleted_if_their_user_deleted_them(api: Api) -> None:
    await api.enter()
    await api.upload(FIRST)
    (account,) = (await api.get("accounts")).json()["items"]
    for each in (await api.get(f"accounts/{account['id']}/transactions")).json()["items"]:
        await api.delete(f"transactions/{each['id']}")
    done = (await api.upload(SECOND)).json()

    await api.delete(f"imports/{done['id']}")

    assert await listed(api) == []


async def test_an_id_that_the_bank_uses_again_later_is_another_transaction(api: Api) -> None:
    await api.enter()
    await api.upload(FIRST)
    await api.upload(SECOND)

    await api.upload(ofx(statement(transaction("-3.00", day="20260420", fitid="A"), balance="")))

    assert await listed(api) == ["A", "B"]

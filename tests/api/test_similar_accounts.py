"""Files whose account looks like one that a user has: nothing is imported before the answer."""

from collections.abc import Mapping

import pytest

from adapters.persistence.ledger.models import AccountAliasModel, AccountModel, ImportModel
from tests.api.client import Api, Reply
from tests.camt import entry, message, statement
from tests.statements import days, ofx
from tests.statements import statement as ofx_statement

IBAN = "DE02120300000000202051"
HELD = message(statement(entry(), iban=IBAN))
ALIKE = b"""!Account
N202051
^
!Type:Bank
D13/03/2026
T-12.50
PShop
^
"""
SAID = {"currency": "EUR"}


async def send(api: Api, path: str = "imports", **fields: str) -> Reply:
    return await api.upload(ALIKE, name="march.qif", path=path, fields={**SAID, **fields})


async def account_of(api: Api) -> str:
    await api.enter()
    answer = (await api.upload(HELD, name="march.xml")).json()
    return str(answer["statements"][0]["account_id"])


async def rows_of(tables: Mapping[str, type]) -> dict[str, int]:
    return {name: await table.objects.acount() for name, table in tables.items()}  # type: ignore[attr-defined]  # every model has it


TABLES = {"accounts": AccountModel, "aliases": AccountAliasModel, "imports": ImportModel}


@pytest.mark.parametrize(("path", "stored"), [("imports", 1), ("imports/preview", 0)])
async def test_asks_before_anything_is_written(api: Api, path: str, stored: int) -> None:
    held = await account_of(api)
    before = await rows_of(TABLES)

    asked = await send(api, path)

    assert asked.status_code == 422
    problem = asked.json()
    assert problem["type"].endswith("hint-needed")
    for part in ("••••2051", f"account_id={held}", "similar_accounts=different"):
        assert part in problem["detail"]
    assert await rows_of(TABLES) == {**before, "imports": before["imports"] + stored}


async def test_asks_whether_accounts_of_one_name_at_two_banks_are_one(api: Api) -> None:
    await api.enter()
    one = b"Date,Account,Amount,Currency\n2026-03-13,Savings,-12.50,EUR\n2026-03-14,Savings,2,EUR\n"
    other = b"Datum;Konto;Betrag;Waehrung\n13.03.2026;Savings;-3,00;EUR\n14.03.2026;Savings;2;EUR\n"
    columns = {"columns": '{"account": "Konto"}'}

    first = await api.upload(one, name="one.csv", fields={"columns": '{"account": "Account"}'})
    again = await api.upload(
        one + b"2026-03-15,Savings,-1,EUR\n",
        name="one.csv",
        fields={"columns": '{"account": "Account"}'},
    )
    asked = await api.upload(other, name="other.csv", fields=columns)
    told = await api.upload(
        other, name="other.csv", fields={**columns, "similar_accounts": "different"}
    )

    assert (first.status_code, again.status_code) == (201, 201)
    assert asked.status_code == 422
    assert [each["field"] for each in asked.json()["questions"]] == ["similar_accounts"]
    assert told.status_code == 201
    assert await AccountModel.objects.acount() == 2


async def test_the_answer_may_be_the_account(api: Api) -> None:
    held = await account_of(api)

    told = await send(api, account_id=held)
    untold = await send(api)

    assert (told.status_code, untold.status_code) == (201, 201)
    for answer in (told, untold):
        assert [each["account_id"] for each in answer.json()["statements"]] == [held]
    assert await AccountModel.objects.acount() == 1


async def test_the_answer_may_be_that_it_is_another(api: Api) -> None:
    held = await account_of(api)

    told = await send(api, similar_accounts="different")
    again = await send(api)

    assert (told.status_code, again.status_code) == (201, 201)
    [new], [same] = (each.json()["statements"] for each in (told, again))
    assert new["account_id"] == same["account_id"] != held
    assert (new["new"], same["same"]) == (1, 1)


async def test_a_file_of_several_accounts_is_answered_as_a_whole(api: Api) -> None:
    held = await account_of(api)
    both = ofx(ofx_statement(*days(1), number="202051"), ofx_statement(*days(1), number="7"))

    asked = await api.upload(both)
    told = await api.upload(both, fields={"similar_accounts": "same"})

    assert (asked.status_code, told.status_code) == (422, 201)
    first, second = (each["account_id"] for each in told.json()["statements"])
    assert first == held != second


async def test_a_file_that_waited_asks(api: Api) -> None:
    held = await account_of(api)
    later = Api(delivers=True)
    later.user, later.token = api.user, api.token

    waiting = await send(later, background="true")
    answer = (await later.get(f"imports/{waiting.json()['id']}")).json()

    assert waiting.status_code == 202
    assert answer["status"] == "asked"
    assert answer["error"]["code"] == "hint-needed"
    # What is asked is not stored beside the file.
    assert held not in answer["error"]["detail"]
    listed = (await later.get(f"imports/{waiting.json()['id']}/questions")).json()["items"]
    assert [held in each["reason"] for each in listed] == [True]


async def test_the_answer_is_kept_with_a_file_that_waits(api: Api) -> None:
    await account_of(api)
    later = Api(delivers=True)
    later.user, later.token = api.user, api.token

    waiting = await send(later, background="true", similar_accounts="different")
    answer = (await later.get(f"imports/{waiting.json()['id']}")).json()

    assert (answer["status"], answer["new"]) == ("done", 1)


async def test_an_answer_that_is_none_is_refused(api: Api) -> None:
    await account_of(api)

    assert (await send(api, similar_accounts="perhaps")).status_code == 422


def cash(amount: str, day: int = 13) -> bytes:
    return (
        f"Date,Amount,Currency,Description\n2026-03-{day},{amount},EUR,Market\n"
        f"2026-03-{day + 1},{amount}0,EUR,Bakery\n"
    ).encode()


async def import_cash(api: Api, name: str, amount: str = "-4.5", **fields: str) -> Reply:
    return await api.upload(cash(amount), name="cash.csv", fields={"account_name": name, **fields})


async def test_a_name_is_one_in_whatever_case_and_with_blanks(api: Api) -> None:
    await api.enter()

    replies = [await import_cash(api, name) for name in ("Cash", "cash", "Cash ", " CASH")]

    assert [each.status_code for each in replies] == [201] * 4
    assert [each.json()["new"] for each in replies] == [2, 0, 0, 0]
    (account,) = (await api.get("accounts")).json()["items"]
    assert account["name"] == "Cash"


async def test_a_slip_in_a_name_is_asked_about(api: Api) -> None:
    await api.enter()
    first = (await import_cash(api, "Cash")).json()["statements"][0]["account_id"]

    asked = await import_cash(api, "Cahs")
    same = await import_cash(api, "Cahs", similar_accounts="same")
    other = await import_cash(api, "Cast", similar_accounts="different")

    assert asked.status_code == 422
    (question,) = asked.json()["questions"]
    assert question["field"] == "similar_accounts"
    assert "“Cahs”" in question["reason"]
    assert f"“Cash” (account_id={first})" in question["reason"]
    assert same.json()["statements"][0]["account_id"] == first
    assert other.json()["statements"][0]["account_id"] != first
    assert await AccountModel.objects.acount() == 2


@pytest.mark.parametrize(("one", "other"), [("Card 1", "Card 2"), ("Visa A", "Visa B"), ("A", "B")])
async def test_numbered_names_are_not_slips(api: Api, one: str, other: str) -> None:
    await api.enter()

    assert (await import_cash(api, one)).status_code == 201
    assert (await import_cash(api, other)).status_code == 201
    assert await AccountModel.objects.acount() == 2


async def test_an_account_is_found_by_the_name_it_was_given(api: Api) -> None:
    await api.enter()
    hers = (await import_cash(api, "Cash")).json()["statements"][0]["account_id"]
    by_hand = {"name": "Holiday money", "kind": "other", "currency": "EUR"}
    added = (await api.post("accounts", by_hand)).json()["id"]
    await api.patch(f"accounts/{hers}", {"name": "Wallet"})

    found = [
        (await import_cash(api, name)).json()["statements"][0]["account_id"]
        for name in ("wallet", "holiday  Money", "Cash")
    ]

    assert found == [hers, added, hers]


async def test_the_present_name_precedes_a_former_one(api: Api) -> None:
    await api.enter()
    former = (await import_cash(api, "Cash")).json()["statements"][0]["account_id"]
    await api.patch(f"accounts/{former}", {"name": "Wallet"})
    by_hand = {"name": "Cash", "kind": "other", "currency": "EUR"}
    present = (await api.post("accounts", by_hand)).json()["id"]

    done = await import_cash(api, "Cash", "-7.5")

    assert done.json()["statements"][0]["account_id"] == present


async def test_a_name_of_two_accounts_is_asked_about(api: Api) -> None:
    await api.enter()
    by_hand = {"name": "Cash", "kind": "other", "currency": "EUR"}
    both = [(await api.post("accounts", by_hand)).json()["id"] for _ in range(2)]

    asked = await import_cash(api, "Cash")
    told = await api.upload(cash("-4.5"), name="cash.csv", fields={"account_id": both[1]})

    assert asked.status_code == 422
    for each in both:
        assert each in asked.json()["detail"]
    assert told.json()["statements"][0]["account_id"] == both[1]


async def test_a_name_in_another_currency_is_another_account(api: Api) -> None:
    await api.enter()
    await api.post("accounts", {"name": "Cash", "kind": "other", "currency": "USD"})

    assert (await import_cash(api, "Cash")).status_code == 201
    assert (await api.get("accounts")).json()["items"][1]["currency"] == "EUR"

"""Whether the ledger agrees with the balances that statements state, over HTTP."""

from adapters.audit.models import AuditEntryModel
from tests.api.client import Api
from tests.camt import WEEK, day_of_march
from tests.statements import ofx, statement, transaction

GAP = {
    "reconciliation": "unbalanced",
    "difference": "-15.00",
    "first_day": "2026-03-02",
    "last_day": "2026-03-04",
}
#: Another word for what the bank books on the 3rd, in a file without a usable balance.
EXTRA = ofx(statement(transaction("-7.00", "20260303"), number="DE01", balance=""))


async def ledgers(api: Api, account: str) -> list[str]:
    """Return how the ledger agrees with each statement, the latest first."""
    listed = (await api.get(f"{account}/statements")).json()["items"]
    return [each["ledger"]["reconciliation"] for each in listed]


async def account_of(api: Api, *files: bytes) -> tuple[str, list[str]]:
    done = [(await api.upload(file)).json() for file in files]
    (account,) = {each["account_id"] for told in done for each in told["statements"]}
    return f"accounts/{account}", [each["id"] for each in done]


async def events() -> int:
    return await AuditEntryModel.objects.filter(action="ledger.unbalanced").acount()


async def test_a_whole_week_is_balanced(api: Api) -> None:
    await api.enter()
    account, _ = await account_of(api, *WEEK)

    assert await ledgers(api, account) == ["balanced"] * 4
    shown = (await api.get(account)).json()["reconciliation"]
    assert shown == {"state": "balanced", "balanced": 4, "unbalanced": 0}
    assert (await api.get("accounts")).json()["items"][0]["reconciliation"] == shown
    assert await events() == 0


async def test_an_import_says_that_it_leaves_a_stretch_unbalanced(api: Api) -> None:
    await api.enter()
    await api.upload(WEEK[0])

    previewed = (await api.upload(WEEK[3], path="imports/preview")).json()
    imported = (await api.upload(WEEK[3])).json()

    assert previewed["statements"][0]["ledger"] == GAP
    assert imported["statements"][0]["ledger"] == GAP
    assert imported["statements"][0]["reconciliation"] == "balanced"
    assert (await api.get(f"imports/{imported['id']}")).json()["statements"][0]["ledger"] == GAP
    assert await events() == 1


async def test_what_was_missing_balances_later_statements_and_undo_unbalances_them(
    api: Api,
) -> None:
    await api.enter()
    account, imports = await account_of(api, WEEK[3], WEEK[0], WEEK[2], WEEK[1])
    assert await ledgers(api, account) == ["balanced"] * 4

    undone = (await api.delete(f"imports/{imports[2]}")).json()

    assert undone["statements"][0]["ledger"]["reconciliation"] == "unknown"
    assert await ledgers(api, account) == ["unbalanced", "balanced", "balanced"]
    continuity = (await api.get(f"{account}/continuity")).json()
    assert continuity["ledger_unbalanced"] == 1
    (latest,) = continuity["ledger_unbalanced_statements"]
    assert latest["ledger"] == {**GAP, "difference": "5.00", "first_day": "2026-03-03"}


async def test_a_deleted_transaction_is_missing(api: Api) -> None:
    await api.enter()
    account, _ = await account_of(api, *WEEK)
    rows = (await api.get(f"{account}/transactions")).json()["items"]
    deleted = next(each for each in rows if each["booking_date"] == "2026-03-02")
    before = await events()

    assert (await api.delete(f"transactions/{deleted['id']}")).status_code == 204

    assert await ledgers(api, account) == ["balanced", "balanced", "unbalanced", "balanced"]
    shown = (await api.get(account)).json()["reconciliation"]
    assert shown == {"state": "unbalanced", "balanced": 3, "unbalanced": 1}
    # The user did it, and knows.
    assert await events() == before


async def test_a_row_that_no_statement_with_a_balance_has_is_found(api: Api) -> None:
    await api.enter()
    account, _ = await account_of(api, *WEEK)

    await api.upload(EXTRA, fields={"account_id": account.removeprefix("accounts/")})

    statements = (await api.get(f"{account}/statements")).json()["items"]
    found = {
        each["closing"]["day"]: each["ledger"]["difference"]
        for each in statements
        if each["closing"]
    }
    assert found == {
        "2026-03-01": None,
        "2026-03-02": None,
        "2026-03-03": "7.00",
        "2026-03-04": None,
    }
    assert await events() == 1


async def test_a_statement_that_contradicts_itself_is_unbalanced(api: Api) -> None:
    await api.enter()

    imported = (await api.upload(day_of_march(2, "110", "90", moved="-21"))).json()

    (told,) = imported["statements"]
    assert (told["reconciliation"], told["ledger"]["difference"]) == ("unbalanced", "1.00")


async def test_looking_back_says_nothing_about_the_present(api: Api) -> None:
    await api.enter()
    account, _ = await account_of(api, *WEEK)

    assert (await api.get(f"{account}?as_of=2026-03-02")).json()["reconciliation"] is None

"""What every implementation of the ledger's ports must do."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.connections.values import STATEMENT_FILES
from domain.ledger.accounts import AccountContents, AccountRemoval
from domain.ledger.as_of import NOW as PRESENT
from domain.ledger.as_of import AsOf
from domain.ledger.entities import Account, AccountAlias, Transaction
from domain.ledger.errors import (
    AccountExists,
    AccountNotFound,
    ImportIsUndone,
    ImportNotFound,
    TransactionNotFound,
)
from domain.ledger.import_filter import ImportFilter
from domain.ledger.imported import BalanceSnapshot
from domain.ledger.imports import ImportStatus
from domain.ledger.kinds import AccountKind, TransactionKind
from domain.ledger.ports import ListedTransaction, TransactionFilter
from domain.ledger.values import TransactionKey, TransactionStatus, transaction_keys
from domain.shared.errors import ConcurrencyConflict
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId, new_id
from domain.shared.money import Money
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Success
from tests.contracts.background import BackgroundImportsContract
from tests.contracts.world import World
from tests.factories import (
    NOON,
    make_account,
    make_import,
    make_reference,
    make_row,
    make_snapshot,
    make_transaction,
)
from tests.listed import shown

EVERYTHING = TransactionFilter()


class AccountRepositoryContract:
    async def test_returns_what_was_added(self, world: World) -> None:
        account = await world.account()

        assert await world.accounts.get(account.id, owner=account.user_id) == Success(account)
        found = await world.accounts.find(make_reference(), owner=account.user_id)
        assert found == Success(account)
        assert await world.accounts.all(owner=account.user_id) == Success([account])

    async def test_shows_nothing_to_another_user(self, world: World) -> None:
        account = await world.account()
        stranger = (await world.user("eve@example.org")).id
        missing = Failure(AccountNotFound("No such account."))

        assert await world.accounts.get(account.id, owner=stranger) == missing
        assert await world.accounts.find(make_reference(), owner=stranger) == missing
        assert await world.accounts.all(owner=stranger) == Success([])

    async def test_two_users_may_have_the_same_number(self, world: World) -> None:
        hers = await world.account()
        his = await world.account("bob@example.org")
        assert await world.accounts.count(owner=his.user_id) == Success(1)

        found = await world.accounts.find(make_reference(), owner=his.user_id)

        assert found == Success(his)
        assert his.id != hers.id

    async def test_stores_one_account_per_number(self, world: World) -> None:
        account = await world.account()
        duplicate = replace(account, id=AccountId(new_id()))

        repeated = await world.accounts.add(duplicate)

        assert repeated == Failure(AccountExists("There is already an account with this number."))

    async def test_an_account_may_have_several_aliases(self, world: World) -> None:
        account = await world.account()
        relinked = make_reference(number="IBAN of the same")
        reference = make_reference()

        assert await world.accounts.add_alias(account, relinked) == Success(None)
        assert await world.accounts.add_alias(account, reference) == Success(None)

        found = await world.accounts.find(relinked, owner=account.user_id)
        assert found == Success(account)
        assert await world.accounts.all(owner=account.user_id) == Success([account])

    async def test_finds_a_number_however_it_is_written(self, world: World) -> None:
        account = await world.account()
        other = make_reference(number="0100-200.300", institution="NORTHBANK")
        twin = replace(account, id=AccountId(new_id()), number="100 200 300")

        assert await world.accounts.find(other, owner=account.user_id) == Success(account)
        assert isinstance(await world.accounts.add(twin), Failure)

    async def test_an_iban_is_one_at_every_institution(self, world: World) -> None:
        account = await world.account(number="DE02120300000000202051")
        other = make_reference(number="de02 1203 0000 0000 2020 51 EUR", institution="BYLADEM1001")
        twin = replace(account, id=AccountId(new_id()), institution="Southbank")

        assert await world.accounts.find(other, owner=account.user_id) == Success(account)
        assert isinstance(await world.accounts.add(twin), Failure)

    async def test_lists_the_aliases_of_a_user(self, world: World) -> None:
        account = await world.account(number="DE02120300000000202051")
        stranger = await world.account("eve@example.org")
        national = make_reference(number="0000202051", institution="12030000")
        await world.accounts.add_alias(account, national)
        await world.accounts.add_alias(account, national)

        hers = await world.accounts.aliases(owner=account.user_id)
        theirs = await world.accounts.aliases(owner=stranger.user_id)

        assert hers == Success(
            [
                AccountAlias(account=account, reference=account.reference),
                AccountAlias(
                    account=account,
                    reference=make_reference(number="202051", institution="12030000"),
                ),
            ]
        )
        assert isinstance(theirs, Success)
        assert [each.account for each in theirs.value] == [stranger]

    async def test_one_number_in_two_currencies_is_two_accounts(self, world: World) -> None:
        account = await world.account()
        dollars = replace(account, id=AccountId(new_id()), currency="USD")

        assert await world.accounts.add(dollars) == Success(None)

    async def test_stores_what_a_user_changes(self, world: World) -> None:
        account = await world.account()
        edited = account.edit(
            {
                "name": "Everyday",
                "kind": AccountKind.SAVINGS,
                "hidden": True,
                "opened_on": date(2020, 1, 1),
                "closed_on": date(2026, 1, 1),
            }
        )
        assert isinstance(edited, Success)

        assert await world.accounts.update(edited.value) == Success(None)

        found = await world.accounts.get(account.id, owner=account.user_id)
        assert found == edited
        assert edited.value.version == 2

    async def test_a_removed_account_is_gone_and_its_number_is_free(self, world: World) -> None:
        account = await world.account()
        owner = account.user_id
        twin = replace(account, id=AccountId(new_id()))

        assert await world.accounts.remove(account, AccountRemoval.DELETED) == Success(None)

        assert isinstance(await world.accounts.get(account.id, owner=owner), Failure)
        assert isinstance(await world.accounts.find(make_reference(), owner=owner), Failure)
        assert await world.accounts.all(owner=owner) == Success([])
        assert await world.accounts.count(owner=owner) == Success(0)
        assert await world.accounts.aliases(owner=owner) == Success([])
        assert await world.accounts.add(twin) == Success(None)
        assert await world.accounts.find(make_reference(), owner=owner) == Success(twin)

    async def test_an_account_without_a_number_has_no_alias(self, world: World) -> None:
        first = await world.account()
        second, third = (
            replace(first, id=AccountId(new_id()), number="", name="Cash") for _ in range(2)
        )

        assert await world.accounts.add(second) == Success(None)
        assert await world.accounts.add(third) == Success(None)

        aliases = await world.accounts.aliases(owner=first.user_id)
        assert isinstance(aliases, Success)
        assert [each.account for each in aliases.value] == [first]
        found = await world.accounts.get(third.id, owner=first.user_id)
        assert found == Success(third)

    async def test_tells_what_is_in_an_account(self, world: World) -> None:
        account = await world.account()
        empty = await world.accounts.contents(account.id, owner=account.user_id)
        source = await world.source(account)
        await world.transactions.add([make_transaction(account, source)])
        await world.balances.add([make_snapshot(account, source)])

        full = await world.accounts.contents(account.id, owner=account.user_id)
        await world.imports.mark_undone(source, at=NOON)
        undone = await world.accounts.contents(account.id, owner=account.user_id)

        assert empty == Success(AccountContents())
        assert full == Success(AccountContents(transactions=True, balances=True, statements=True))
        # Only the import was marked here: its transaction is still there.
        assert undone == Success(AccountContents(transactions=True))

    async def test_locks_existing_accounts(self, world: World) -> None:
        account = await world.account()

        locked = await world.accounts.lock({account.id}, owner=account.user_id)

        assert locked == Success(None)

    async def test_an_account_that_was_removed_meanwhile_is_a_conflict(self, world: World) -> None:
        account = await world.account()
        await world.accounts.remove(account, AccountRemoval.DELETED)

        with pytest.raises(ConcurrencyConflict):
            await world.accounts.lock({account.id}, owner=account.user_id)


class ImportRepositoryContract(BackgroundImportsContract):
    async def test_returns_what_was_added(self, world: World) -> None:
        source = await world.source(await world.account())

        assert await world.imports.get(source.id, owner=source.user_id) == Success(source)

    async def test_finds_an_import_only_for_its_owner(self, world: World) -> None:
        source = await world.source(await world.account())
        stranger = await world.user("eve@example.org")
        missing = Failure(ImportNotFound("No such import."))

        assert await world.imports.get(source.id, owner=stranger.id) == missing
        assert await world.imports.get(make_import(stranger.id).id, owner=stranger.id) == missing

    async def test_lists_those_of_a_filter(self, world: World) -> None:
        account = await world.account()
        first = make_import(account.user_id, account.id)
        later = replace(
            make_import(account.user_id, account.id),
            format="csv",
            imported_at=first.imported_at + timedelta(days=2),
        )
        failed = replace(first, id=ImportId(new_id()), statements=[], status=ImportStatus.FAILED)
        for each in (first, later, failed):
            assert await world.imports.add(each) == Success(None)
        day = first.imported_at.date()

        async def listed(**said: Any) -> Sequence[ImportId]:
            found = await world.imports.page(
                owner=account.user_id, after=None, limit=9, where=ImportFilter(**said)
            )
            assert isinstance(found, Success)
            return [each.id for each in found.value]

        assert await listed() == [failed.id, later.id, first.id]
        assert await listed(account_id=account.id) == [later.id, first.id]
        assert await listed(account_id=AccountId(new_id())) == []
        assert await listed(format="csv") == [later.id]
        assert await listed(status=ImportStatus.FAILED) == [failed.id]
        assert await listed(status=ImportStatus.WAITING) == []
        assert await listed(first_day=day + timedelta(days=1)) == [later.id]
        assert await listed(first_day=day, last_day=day) == [failed.id, first.id]
        assert await listed(last_day=day - timedelta(days=1)) == []

    async def test_lists_the_newest_first(self, world: World) -> None:
        account = await world.account()
        first, second, third = [await world.source(account) for _ in range(3)]

        page = await world.imports.page(owner=account.user_id, after=None, limit=2)
        rest = await world.imports.page(owner=account.user_id, after=second.id, limit=2)

        assert (page, rest) == (Success([third, second]), Success([first]))

    async def test_undoes_an_import_once(self, world: World) -> None:
        source = await world.source(await world.account())

        assert await world.imports.mark_undone(source, at=NOON) == Success(None)
        repeated = await world.imports.mark_undone(source, at=NOON)

        assert repeated == Failure(ImportIsUndone("The import has already been undone."))
        found = await world.imports.get(source.id, owner=source.user_id)
        assert found == Success(source.undo(at=NOON))


async def stated_balances(
    world: World, account: Account, as_of: AsOf = PRESENT
) -> Sequence[BalanceSnapshot]:
    """Return the balances that were stated of an account."""
    page = await world.balances.page(
        account.id, owner=account.user_id, after=None, limit=9, as_of=as_of
    )
    assert isinstance(page, Success)
    return page.value.items


class BalanceRepositoryContract:
    async def test_returns_snapshots_latest_day_first(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        first, second, third = (make_snapshot(account, source, day=day) for day in (1, 2, 3))
        assert await world.balances.add([second, third, first]) == Success(3)

        page = await world.balances.page(account.id, owner=account.user_id, after=None, limit=2)

        assert isinstance(page, Success)
        assert page.value.items == [third, second]
        rest = await world.balances.page(
            account.id, owner=account.user_id, after=page.value.next, limit=2
        )
        assert rest == Success(Page([first], None))

    async def test_stores_no_snapshot_twice(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        snapshot = make_snapshot(account, source)
        corrected = make_snapshot(account, source, "101.00")
        await world.balances.add([snapshot])

        assert await world.balances.add([snapshot, corrected]) == Success(1)
        assert await world.balances.add([]) == Success(0)

    async def test_lists_a_balance_of_several_imports_once(self, world: World) -> None:
        account = await world.account()
        first, second = await world.source(account), await world.source(account)
        stated = make_snapshot(account, first)
        await world.balances.add([stated])

        assert await world.balances.add([replace(stated, import_id=second.id)]) == Success(1)

        assert await stated_balances(world, account) == [stated]

    async def test_an_undone_import_has_no_balances(self, world: World) -> None:
        account = await world.account()
        first, second = await world.source(account), await world.source(account)
        older, newer = make_snapshot(account, first), make_snapshot(account, second, day=2)
        await world.balances.add([older, newer])

        await world.imports.mark_undone(second, at=NOON)

        assert await stated_balances(world, account) == [older]

    async def test_shows_nothing_to_another_user(self, world: World) -> None:
        account = await world.account()
        await world.balances.add([make_snapshot(account, await world.source(account))])
        stranger = (await world.user("eve@example.org")).id

        found = await world.balances.page(account.id, owner=stranger, after=None, limit=10)
        assert found == Success(Page([], None))


class TransactionRepositoryContract:
    async def _some(self, world: World, count: int = 5) -> list[Transaction]:
        """Add transactions of one account, two a day, and return them newest first."""
        account = await world.account()
        source = await world.source(account)
        rows = [
            make_row(f"-{n}.50", day=1 + n // 2, provider_id=f"F{n}") for n in range(1, count + 1)
        ]
        transactions = [make_transaction(account, source, row) for row in rows]
        assert await world.transactions.add(transactions) == Success(None)
        return sorted(transactions, key=lambda row: (row.booking_date, row.id), reverse=True)

    async def _page(
        self,
        world: World,
        like: Transaction,
        *,
        where: TransactionFilter = EVERYTHING,
        after: Cursor | None = None,
        limit: int = 50,
        owner: UserId | None = None,
    ) -> Page[ListedTransaction]:
        found = await world.transactions.page(
            like.account_id, owner=owner or like.user_id, where=where, after=after, limit=limit
        )
        assert isinstance(found, Success)
        return found.value

    async def test_returns_what_was_added(self, world: World) -> None:
        account = await world.account()
        row = make_row(
            "-12345678901234567.1234567891",
            provider_id=None,
            value_date=date(2026, 3, 2),
            pending=True,
            original_currency="USD",
            exchange_rate=Decimal("0.9123456789"),
            description='tab\t, newline\n, backslash \\ and "quotes" – naïve',
            raw={"MEMO": "a\\b\n\t"},
        )
        transaction = make_transaction(account, await world.source(account), row)
        assert await world.transactions.add([transaction]) == Success(None)

        found = await world.transactions.get(transaction.id, owner=account.user_id)

        assert found == Success(transaction)
        assert await world.transactions.lock(transaction.id, owner=account.user_id) == found

    async def test_accepts_an_empty_list(self, world: World) -> None:
        assert await world.transactions.add([]) == Success(None)

    async def test_shows_nothing_to_another_user(self, world: World) -> None:
        first, *_ = await self._some(world)
        stranger = (await world.user("eve@example.org")).id
        keys = [first.key]

        missing = Failure(TransactionNotFound("No such transaction."))
        assert await world.transactions.get(first.id, owner=stranger) == missing
        assert await world.transactions.lock(first.id, owner=stranger) == missing
        assert (await self._page(world, first, owner=stranger)).items == []
        evidence = await world.transactions.match_context(
            first.account_id, owner=stranger, rows=[make_row()], keys=keys
        )
        assert isinstance(evidence, Success)
        assert not evidence.value.known
        assert not evidence.value.candidates

    async def test_reports_a_missing_transaction(self, world: World) -> None:
        found = await world.transactions.get(TransactionId(new_id()), owner=(await world.user()).id)

        assert found == Failure(TransactionNotFound("No such transaction."))

    async def test_lists_the_newest_first(self, world: World) -> None:
        newest_first = await self._some(world)

        page = await self._page(world, newest_first[0])

        assert shown(page.items) == shown(newest_first)

    @pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6])
    async def test_pages_meet_without_gap_or_overlap(self, world: World, limit: int) -> None:
        newest_first = await self._some(world)
        page = await self._page(world, newest_first[0], limit=limit)
        listed = list(page.items)
        while page.next:
            page = await self._page(world, newest_first[0], after=page.next, limit=limit)
            assert page.items
            listed += page.items
            assert len(listed) <= len(newest_first)

        assert shown(listed) == shown(newest_first)

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            (TransactionFilter(booked_from=date(2026, 3, 3)), ["F5", "F4"]),
            (TransactionFilter(booked_to=date(2026, 3, 1)), ["F1"]),
            (TransactionFilter(amount_from=Decimal("-2.5")), ["F2", "F1"]),
            (TransactionFilter(amount_to=Decimal("-4.5")), ["F5", "F4"]),
            (TransactionFilter(status=TransactionStatus.PENDING), []),
            (
                TransactionFilter(status=TransactionStatus.POSTED, booked_to=date(2026, 3, 1)),
                ["F1"],
            ),
            (TransactionFilter(kind=TransactionKind.CREDIT), []),
        ],
    )
    async def test_applies_filters(
        self, world: World, where: TransactionFilter, expected: list[str]
    ) -> None:
        first, *_ = await self._some(world)

        page = await self._page(world, first, where=where)

        assert [row.provider_id for row in page.items] == expected

    async def test_finds_existing_transaction_keys(self, world: World) -> None:
        first, second, *_ = await self._some(world)
        unknown = transaction_keys([make_row("-99.00")])[0]
        third_of_its_kind = TransactionKey(first.key.fingerprint, 3)

        evidence = await world.transactions.match_context(
            first.account_id,
            owner=first.user_id,
            rows=[make_row()] * 4,
            keys=[first.key, second.key, unknown, third_of_its_kind],
        )

        assert isinstance(evidence, Success)
        existing = {key: existing.id for key, existing in evidence.value.known.items()}
        assert existing == {first.key: first.id, second.key: second.id}

    async def test_finds_existing_provider_ids(self, world: World) -> None:
        first, *_ = await self._some(world)
        rows = [
            make_row("-77.00", provider_id=provider_id) for provider_id in ("F1", "F2", "X", None)
        ]

        evidence = await world.transactions.match_context(
            first.account_id, owner=first.user_id, rows=rows, keys=transaction_keys(rows)
        )

        assert isinstance(evidence, Success)
        assert {"F1", "F2"} <= set(evidence.value.provider_ids)
        assert "X" not in evidence.value.provider_ids

    async def test_separates_accounts(self, world: World) -> None:
        first, *_ = await self._some(world)
        connection = await world.connections.find(
            owner=first.user_id, provider=STATEMENT_FILES, institution="Northbank"
        )
        assert isinstance(connection, Success)
        other = make_account(connection.value, "400500600")
        assert await world.accounts.add(other) == Success(None)
        duplicate = replace(first, id=TransactionId(new_id()), account_id=other.id)

        assert await world.transactions.add([duplicate]) == Success(None)
        assert shown((await self._page(world, duplicate)).items) == shown([duplicate])

    async def test_returns_exact_amounts(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        amounts = ["0.10", "-0.0000000001", "999999999999999999", "1000"]
        transactions = [
            make_transaction(account, source, make_row(amount, provider_id=f"A{n}"))
            for n, amount in enumerate(amounts)
        ]
        await world.transactions.add(transactions)

        page = await self._page(world, transactions[0])

        assert {row.amount for row in page.items} == {
            Money(Decimal(amount), "EUR") for amount in amounts
        }

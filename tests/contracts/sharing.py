"""What every implementation of the ports about sharing must do."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from domain.audit.origin import Origin, origin
from domain.identity.entities import User
from domain.identity.values import TokenDigest, Usage
from domain.ledger.entities import Account
from domain.shared.ids import AccountId, UserId, new_id
from domain.shared.limits import Charge, Limit, TooManyRequests
from domain.shared.money import Money
from domain.shared.result import Failure, Success
from domain.sharing.entities import ConnectedApp
from domain.sharing.errors import ConnectedAppNotFound
from domain.sharing.shared_ledger import SharedRows, SharedScope, SharedTotal, SharedTransaction
from tests.contracts.world import World
from tests.factories import NOON, make_account, make_connected_app, make_row, make_transaction

NO_APP = Failure(ConnectedAppNotFound())
LATER = NOON + timedelta(minutes=5)
HERE = Origin(ip_address="192.0.2.7")
CHARGE = Charge([("x", Limit(burst=1, per_minute=0.01))], NOON)


def digest(number: int) -> TokenDigest:
    return TokenDigest(bytes([number]) * 32)


async def app_of(world: World, user: User, number: int = 1) -> ConnectedApp:
    """Add an app that has access."""
    app = make_connected_app(user.id, bytes([number]) * 32, access_digest=digest(number))
    assert await world.connected_apps.add(app) == Success(None)
    return app


class ConnectedAppRepositoryContract:
    async def test_returns_what_was_added(self, world: World) -> None:
        ada, eve = await world.user(), await world.user("eve@example.org")
        ids = frozenset({AccountId(new_id()), AccountId(new_id())})
        app = make_connected_app(ada.id, account_ids=ids)

        assert await world.connected_apps.add(app) == Success(None)

        assert await world.connected_apps.get(app.id, owner=ada.id) == Success((app, Usage()))
        assert await world.connected_apps.lock(app.id, owner=ada.id) == Success(app)
        assert app.setup_digest is not None
        assert await world.connected_apps.get_by_setup_token(app.setup_digest) == Success(app)
        assert await world.connected_apps.get(app.id, owner=eve.id) == NO_APP
        assert await world.connected_apps.lock(app.id, owner=eve.id) == NO_APP

    async def test_finds_an_app_by_its_access_and_not_by_its_setup_token(
        self, world: World
    ) -> None:
        ada = await world.user()
        app = await app_of(world, ada)
        assert app.setup_digest is not None

        assert await world.connected_apps.get_by_access_key(digest(1)) == Success(app)
        assert await world.connected_apps.get_by_access_key(digest(2)) == NO_APP
        assert await world.connected_apps.get_by_access_key(app.setup_digest) == NO_APP
        assert await world.connected_apps.get_by_setup_token(digest(1)) == NO_APP

    async def test_updates_all_that_changes(self, world: World) -> None:
        ada = await world.user()
        app = await app_of(world, ada)
        changed = replace(
            app,
            name="Another",
            account_ids=frozenset({AccountId(new_id())}),
            setup_digest=None,
            setup_expires_at=None,
            claimed_at=LATER,
            access_digest=digest(7),
            revoked_at=LATER,
        )

        assert await world.connected_apps.update(changed) == Success(None)

        assert await world.connected_apps.lock(app.id, owner=ada.id) == Success(changed)

    async def test_updates_an_app_only_for_its_owner(self, world: World) -> None:
        ada = await world.user()
        app = await app_of(world, ada)

        await world.connected_apps.update(replace(app, user_id=UserId(new_id()), name="Eve's"))

        assert await world.connected_apps.lock(app.id, owner=ada.id) == Success(app)

    async def test_lists_active_apps_latest_first(self, world: World) -> None:
        ada, eve = await world.user(), await world.user("eve@example.org")
        first, second, revoked = [await app_of(world, ada, number) for number in (1, 2, 3)]
        await app_of(world, eve, 4)
        await world.connected_apps.update(replace(revoked, revoked_at=NOON))

        listed = await world.connected_apps.of_user(ada.id)

        assert listed == Success([(second, Usage()), (first, Usage())])

    async def test_revokes_all_active_apps(self, world: World) -> None:
        ada, eve = await world.user(), await world.user("eve@example.org")
        hers = await app_of(world, eve, 3)
        for number in (1, 2):
            await app_of(world, ada, number)

        assert await world.connected_apps.revoke_all(ada.id, NOON) == Success(2)
        assert await world.connected_apps.revoke_all(ada.id, LATER) == Success(0)

        assert await world.connected_apps.of_user(ada.id) == Success([])
        assert await world.connected_apps.of_user(eve.id) == Success([(hers, Usage())])

    async def test_finds_no_app_of_a_closed_account(self, world: World) -> None:
        ada = await world.user()
        await app_of(world, ada)

        await world.users.update(replace(ada, erase_after=LATER))

        assert await world.connected_apps.get_by_access_key(digest(1)) == NO_APP

    async def test_reports_where_it_was_used(self, world: World) -> None:
        ada = await world.user()
        app = await app_of(world, ada)

        before = origin.set(HERE)
        await world.connected_apps.get_by_access_key(digest(1))
        origin.reset(before)

        found = await world.connected_apps.get(app.id, owner=ada.id)
        assert isinstance(found, Success)
        _, usage = found.value
        assert usage.at is not None
        assert usage.ip_address == HERE.ip_address
        assert await world.connected_apps.of_user(ada.id) == Success([(app, usage)])

    async def test_takes_what_is_charged_while_it_is_active(self, world: World) -> None:
        ada = await world.user()
        app, revoked = await app_of(world, ada, 1), await app_of(world, ada, 2)
        revoked = replace(revoked, revoked_at=NOON)
        await world.connected_apps.update(revoked)

        # It costs nothing, and is not used.
        assert await world.connected_apps.get_by_access_key(digest(2), CHARGE) == Success(revoked)
        found = await world.connected_apps.get(revoked.id, owner=ada.id)
        assert found == Success((revoked, Usage()))

        assert await world.connected_apps.get_by_access_key(digest(1), CHARGE) == Success(app)
        second = await world.connected_apps.get_by_access_key(digest(1), CHARGE)
        assert isinstance(second, Failure)
        assert isinstance(second.error, TooManyRequests)


MARCH = SharedScope(keys=[], first_day=date(2026, 3, 1), last_day=date(2026, 3, 31))


class SharedTransactionsContract:
    async def _read(
        self, world: World, owner: UserId, scope: SharedScope
    ) -> list[SharedTransaction]:
        def use(rows: SharedRows) -> list[SharedTransaction]:
            assert rows.complete_since is None
            return list(rows.transactions)

        found = await world.shared_transactions.read(use, owner=owner, scope=scope)
        assert isinstance(found, Success)
        return found.value

    async def _filled(self, world: World) -> tuple[Account, Account]:
        """Add two accounts with transactions on several days, in two currencies."""
        account = await world.account()
        source = await world.source(account)
        connection = await world.connection(await world.user("eve@example.org"), "Eve's bank")
        hers = make_account(connection, "9")
        assert await world.accounts.add(hers) == Success(None)
        other = replace(account, id=AccountId(new_id()), number="2")
        assert await world.accounts.add(other) == Success(None)
        dollars = replace(make_row("1.25", 5, provider_id="F9"), amount=Money(Decimal(3), "USD"))
        rows = [
            make_row("-3.10", 3, provider_id="F3"),
            make_row("-1.10", 1, provider_id="F1"),
            make_row("-2.10", 2, provider_id="F2", pending=True),
            make_row("-3.20", 3, provider_id="F4"),
            dollars,
        ]
        ours = [make_transaction(account, source, row) for row in rows]
        ours.append(make_transaction(other, source, make_row("7.00", 4, provider_id="F5")))
        await world.transactions.add(ours)
        removed = make_transaction(account, source, make_row("-9.00", 3, provider_id="F6"))
        await world.transactions.add([removed])
        await world.transactions.delete(removed)
        theirs = make_transaction(hers, await world.source(hers), make_row("-8.00", 3))
        await world.transactions.add([theirs])
        return account, other

    async def test_reads_by_account_currency_and_day(self, world: World) -> None:
        account, other = await self._filled(world)
        keys = [(account.id, "EUR"), (account.id, "USD"), (other.id, "EUR")]

        found = await self._read(world, account.user_id, replace(MARCH, keys=keys))

        assert [(each.account_id, each.currency, each.amount) for each in found] == [
            (account.id, "EUR", Decimal("-1.10")),
            (account.id, "EUR", Decimal("-3.10")),
            (account.id, "EUR", Decimal("-3.20")),
            (account.id, "USD", Decimal(3)),
            (other.id, "EUR", Decimal(7)),
        ]
        first = found[0]
        assert (first.booking_date, first.is_pending) == (date(2026, 3, 1), False)
        assert (first.description, first.payee, first.memo) == (
            "Coffee house",
            "Coffee house",
            "Two cups",
        )

    async def test_reads_the_days_and_keys_that_are_requested(self, world: World) -> None:
        account, other = await self._filled(world)
        euros = [(account.id, "EUR")]
        days = replace(MARCH, keys=euros, first_day=date(2026, 3, 2), last_day=date(2026, 3, 2))

        assert await self._read(world, account.user_id, days) == []
        (pending,) = await self._read(world, account.user_id, replace(days, pending=True))
        assert (pending.amount, pending.is_pending) == (Decimal("-2.10"), True)
        (dollars,) = await self._read(
            world, account.user_id, replace(MARCH, keys=[(account.id, "USD")])
        )
        assert dollars.currency == "USD"
        assert await self._read(world, account.user_id, MARCH) == []
        assert await self._read(world, other.user_id, replace(MARCH, keys=[(other.id, "X")])) == []

    async def test_adds_up_what_is_booked(self, world: World) -> None:
        account, other = await self._filled(world)
        waiting = replace(account, id=AccountId(new_id()), number="3")
        await world.accounts.add(waiting)
        row = make_row("-5.00", 6, provider_id="F7", pending=True)
        source = await world.source(account)
        await world.transactions.add([make_transaction(waiting, source, row)])
        ids = [account.id, other.id, waiting.id]

        found = await world.shared_transactions.totals(ids, date(2026, 3, 4), owner=account.user_id)
        all_days = await world.shared_transactions.totals(
            ids, date(2026, 3, 31), owner=account.user_id
        )

        assert isinstance(found, Success)
        assert isinstance(all_days, Success)
        expected = [
            SharedTotal(account.id, "EUR", Decimal("-7.40"), date(2026, 3, 3)),
            SharedTotal(other.id, "EUR", Decimal(7), date(2026, 3, 4)),
        ]
        assert sorted(found.value) == expected
        dollars = SharedTotal(account.id, "USD", Decimal(3), date(2026, 3, 5))
        pending = SharedTotal(waiting.id, "EUR", Decimal(0), None)
        assert set(all_days.value) == {*expected, dollars, pending}

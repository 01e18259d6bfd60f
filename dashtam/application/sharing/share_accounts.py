"""Share accounts and their transactions with a connected app."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, TypeAlias

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.use_case import UseCase
from domain.ledger.balances import DailyBalance
from domain.ledger.days import Days
from domain.ledger.entities import Account, Holding
from domain.ledger.kinds import AccountKind
from domain.ledger.ports import AccountRepository, DailyBalanceRepository, HoldingRepository
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import AccountId, ConnectedAppId, HoldingId, UserId
from domain.shared.result import Failure, Result, Success
from domain.sharing.actions import ACCOUNTS_SHARED
from domain.sharing.entities import ConnectedApp
from domain.sharing.shared_ledger import (
    SharedAccount,
    SharedLedger,
    SharedLedgerWriter,
    SharedRows,
    SharedScope,
    SharedTotal,
    SharedTransaction,
    SharedTransactions,
)

# A larger answer goes to the disk, without a name.
MEMORY_BYTES = 4 * 1024 * 1024
HOLDINGS_AT_ONCE = 1_000
#: An app gets no more positions than this.
MOST_HOLDINGS = 10_000

Holdings: TypeAlias = Mapping[AccountId, Sequence[Holding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingRequest:
    """What an app requests: the ids of accounts or all, and days, both included.

    Pending transactions are shared on request only, and none at all with `balances_only`. Nothing
    is shared that is booked after today, because the balance is that of today.
    """

    root: str
    ids: Collection[str] | None = None
    first_day: date = date.min
    last_day: date = date.max
    pending: bool = False
    balances_only: bool = False

    def is_about(self, account: SharedAccount) -> bool:
        """Return whether the app requests this account."""
        return self.ids is None or account.id in self.ids


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedAnswer:
    """What an app gets, as an open file; the caller closes it."""

    content: IO[bytes] = field(repr=False)
    size: int
    accounts: int
    transactions: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareAccounts(UseCase):
    """Answer an app with the accounts that were chosen for it, as of one moment.

    An account that was merged into another one or deleted is not shared any more. The answer is
    complete before its first byte is sent, so that a slow client keeps no transaction open.
    """

    accounts: AccountRepository
    daily_balances: DailyBalanceRepository
    holdings: HoldingRepository
    shared_transactions: SharedTransactions
    shared_ledger_writer: SharedLedgerWriter

    @audit_failures("connected_app.share", ResourceType.CONNECTED_APP)
    async def __call__(
        self, *, connected_app_id: ConnectedAppId, app: ConnectedApp, request: SharingRequest
    ) -> Result[SharedAnswer, Unavailable]:
        owner = app.user_id
        async with self.unit_of_work(owner=owner, snapshot=True) as uow:
            found = await self._accounts(app, request)
            if isinstance(found, Failure):
                return found
            written = await self._write(found.value, request, owner)
            if isinstance(written, Failure):
                return written
            answer = written.value
            try:
                shared = ACCOUNTS_SHARED.record(
                    subject_id=connected_app_id,
                    actor=Actor.user(owner),
                    occurred_at=self.clock.now(),
                    accounts=answer.accounts,
                    transactions=answer.transactions,
                )
                await uow.commit(shared)
            except BaseException:
                answer.content.close()
                raise
        return written

    async def _accounts(
        self, app: ConnectedApp, request: SharingRequest
    ) -> Result[list[SharedAccount], Unavailable]:
        """Return what is shared, in the order of the keys."""
        owner, today = app.user_id, self.clock.now().date()
        existing = await self.accounts.all(owner=owner)
        if isinstance(existing, Failure):
            return existing
        chosen = {each.id: each for each in existing.value if app.shares(each.id, each.hidden)}
        balances = await self.daily_balances.by_day(Days(today, today), owner=owner)
        if isinstance(balances, Failure):
            return balances
        totals = await self.shared_transactions.totals(chosen, today, owner=owner)
        if isinstance(totals, Failure):
            return totals
        holdings = await self._holdings(chosen, owner)
        if isinstance(holdings, Failure):
            return holdings
        shared = _by_currency(chosen, balances.value, totals.value, holdings.value)
        return Success([each for each in shared if request.is_about(each)])

    async def _holdings(
        self, chosen: Mapping[AccountId, Account], owner: UserId
    ) -> Result[Holdings, Unavailable]:
        found: dict[AccountId, list[Holding]] = defaultdict(list)
        if all(each.kind is not AccountKind.INVESTMENT for each in chosen.values()):
            return Success(found)
        after: HoldingId | None = None
        for _ in range(MOST_HOLDINGS // HOLDINGS_AT_ONCE):
            page = await self.holdings.page(owner=owner, after=after, limit=HOLDINGS_AT_ONCE)
            if isinstance(page, Failure):
                return page
            for each in page.value:
                found[each.account_id].append(each)
            if len(page.value) < HOLDINGS_AT_ONCE:
                break
            after = page.value[-1].id
        return Success(found)

    async def _write(
        self, accounts: Sequence[SharedAccount], request: SharingRequest, owner: UserId
    ) -> Result[SharedAnswer, Unavailable]:
        today = self.clock.now().date()
        scope = SharedScope(
            keys=[each.key for each in accounts] if not request.balances_only else [],
            first_day=request.first_day,
            last_day=min(request.last_day, today),
            pending=request.pending,
        )
        use = partial(self._written, accounts, request.root)
        return await self.shared_transactions.read(use, owner=owner, scope=scope)

    def _written(
        self, accounts: Sequence[SharedAccount], root: str, rows: SharedRows
    ) -> SharedAnswer:
        """Write the answer in the thread that fetches the rows."""
        counted = _Counted(rows.transactions)
        rows = rows._replace(transactions=counted)
        ledger = SharedLedger(root=root, accounts=accounts, rows=rows)
        content = SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115  # who gets it closes it
        try:
            size = sum(map(content.write, self.shared_ledger_writer.write(ledger)))
            content.seek(0)
        except BaseException:
            content.close()
            raise
        return SharedAnswer(
            content=content,
            size=size,
            accounts=len(accounts),
            transactions=counted.count,
            media_type=self.shared_ledger_writer.media_type,
        )


@dataclass(slots=True)
class _Counted:
    """Transactions, counted while they are iterated."""

    transactions: Iterable[SharedTransaction]
    count: int = 0

    def __iter__(self) -> Iterator[SharedTransaction]:
        for transaction in self.transactions:
            self.count += 1
            yield transaction


def _by_currency(
    chosen: Mapping[AccountId, Account],
    balances: Sequence[DailyBalance],
    totals: Sequence[SharedTotal],
    holdings: Holdings,
) -> list[SharedAccount]:
    """Return each account once for each currency that it has a balance or a transaction in."""
    balance_of = {(each.account_id, each.currency): each for each in balances}
    total_of = {(each.account_id, each.currency): each for each in totals}
    known = {key for key in {*balance_of, *total_of} if key[0] in chosen}
    own = {(each.id, each.currency) for each in chosen.values()}
    return [
        SharedAccount(
            account=chosen[account_id],
            currency=currency,
            balance=balance_of.get((account_id, currency)),
            total=total_of.get((account_id, currency)),
            holdings=holdings.get(account_id, ()) if (account_id, currency) in own else (),
        )
        for account_id, currency in sorted(own | known)
    ]

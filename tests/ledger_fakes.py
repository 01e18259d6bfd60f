"""The ledger's ports in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from domain.ledger.account_numbers import key_of, reference_by
from domain.ledger.accounts import AccountContents, AccountRemoval, Freshness
from domain.ledger.allocations import CategorySource
from domain.ledger.as_of import NOW, AsOf
from domain.ledger.entities import Account, AccountAlias, Holding, Transaction
from domain.ledger.errors import (
    AccountExists,
    AccountNotFound,
    TransactionNotFound,
)
from domain.ledger.imported import BalanceSnapshot, ImportedRow
from domain.ledger.imports import ImportProgress, StatementOutcome
from domain.ledger.listing import BulkEdit, CurrencyTotal, TransactionFilter, TransactionSort
from domain.ledger.matches import ExistingTransaction, MatchContext
from domain.ledger.neighbourhood import Neighbourhood
from domain.ledger.suggested_matches import MatchStatus
from domain.ledger.tags import MAX_TAGS
from domain.ledger.values import (
    AccountReference,
    Removal,
    StatementRef,
    StatementRow,
    Trade,
    TransactionKey,
)
from domain.shared.errors import ConcurrencyConflict, Unavailable
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result, Success
from tests import listing_fakes
from tests.fakes import Store, one, owned


class InMemoryAccountRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(
        self, account_id: AccountId, *, owner: UserId, moment: datetime | None = None
    ) -> Result[Account, AccountNotFound | Unavailable]:
        account = self._at(moment).get(account_id)
        return one(owned(account, owner), AccountNotFound("No such account."))

    async def find(
        self, reference: AccountReference, *, owner: UserId
    ) -> Result[Account, AccountNotFound | Unavailable]:
        alias = self._store.names.get(_name(owner, reference))
        found = self._store.accounts.get(alias) if alias else None
        return one(found, AccountNotFound("No such account."))

    def _at(self, moment: datetime | None) -> Mapping[UUID, Account]:
        """Return all that were ever there when looking back: nothing here is that old."""
        store = self._store
        return {**store.removed_accounts, **store.accounts} if moment else store.accounts

    async def all(
        self, *, owner: UserId, moment: datetime | None = None
    ) -> Result[Sequence[Account], Unavailable]:
        found = [each for each in self._at(moment).values() if each.user_id == owner]
        return Success(sorted(found, key=lambda account: account.id))

    async def count(self, *, owner: UserId) -> Result[int, Unavailable]:
        return Success(sum(each.user_id == owner for each in self._store.accounts.values()))

    async def add(
        self, account: Account, reference: AccountReference | None = None
    ) -> Result[None, AccountExists | Unavailable]:
        reference = reference or account.reference
        if not reference.number:
            self._store.accounts[account.id] = account
            return Success(None)
        if isinstance(await self.find(reference, owner=account.user_id), Success):
            return Failure(AccountExists("There is already an account with this number."))
        self._store.accounts[account.id] = account
        return await self.add_alias(account, reference)

    async def update(self, account: Account) -> Result[None, Unavailable]:
        self._store.accounts[account.id] = account
        return Success(None)

    async def remove(self, account: Account, removal: AccountRemoval) -> Result[None, Unavailable]:
        self._store.removed_accounts[account.id] = self._store.accounts.pop(account.id)
        names = self._store.names.items()
        self._store.names = {name: each for name, each in names if each != account.id}
        return Success(None)

    async def contents(
        self, account_id: AccountId, *, owner: UserId
    ) -> Result[AccountContents, Unavailable]:
        done = [e for e in self._store.imports.values() if e.undone_at is None]
        ids = {each.id for each in done}

        def has(stated: Sequence[BalanceSnapshot | Holding]) -> bool:
            return any(e.account_id == account_id and e.import_id in ids for e in stated)

        return Success(
            AccountContents(
                transactions=any(
                    row.account_id == account_id and row.removal is None
                    for row in self._store.transactions.values()
                ),
                balances=has(self._store.balances),
                holdings=has(self._store.holdings),
                statements=any(account_id in each.accounts for each in done),
            )
        )

    async def add_alias(
        self, account: Account, reference: AccountReference
    ) -> Result[None, Unavailable]:
        self._store.names.setdefault(_name(account.user_id, reference), account.id)
        return Success(None)

    async def aliases(self, *, owner: UserId) -> Result[Sequence[AccountAlias], Unavailable]:
        return Success(
            [
                AccountAlias(
                    account=self._store.accounts[account_id],
                    reference=reference_by(
                        self._store.accounts[account_id].reference,
                        institution=institution,
                        number=number,
                    ),
                )
                for (user_id, institution, number, _), account_id in self._store.names.items()
                if user_id == owner
            ]
        )

    async def lock(
        self, account_ids: Collection[AccountId], *, owner: UserId
    ) -> Result[None, Unavailable]:
        if any(each in self._store.removed_accounts for each in account_ids):
            raise ConcurrencyConflict("an account was removed meanwhile")
        return Success(None)


class InMemoryFreshnessRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def by_account(
        self, *, owner: UserId
    ) -> Result[Mapping[AccountId, Freshness], Unavailable]:
        found: dict[AccountId, Freshness] = {}
        for done in self._store.imports.values():
            if done.user_id == owner and done.undone_at is None:
                for place, outcome in enumerate(done.statements, 1):
                    known = found.get(outcome.account_id, Freshness())
                    days = [known.latest_day, *self._days(done.id, place, outcome)]
                    times = filter(None, [known.imported_at, done.imported_at])
                    latest = max(filter(None, days), default=None)
                    found[outcome.account_id] = Freshness(latest, max(times))
        return Success(found)

    def _days(
        self, import_id: ImportId, place: int, outcome: StatementOutcome
    ) -> list[date | None]:
        rows = self._store.imported_rows
        closing = outcome.closing.day if outcome.closing else None
        return [
            *(outcome.last_day, closing, outcome.pending_day, outcome.holdings_day),
            *(each.day for each in rows if (each.import_id, each.place) == (import_id, place)),
        ]


class InMemoryTransactionRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Transaction, TransactionNotFound | Unavailable]:
        found = owned(self._store.transactions.get(transaction_id), owner)
        return one(
            found if found and not found.removal else None,
            TransactionNotFound("No such transaction."),
        )

    async def lock(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Transaction, TransactionNotFound | Unavailable]:
        return await self.get(transaction_id, owner=owner)

    async def page(
        self,
        account_id: AccountId | None,
        *,
        owner: UserId,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
        sort: TransactionSort = TransactionSort.NEWEST,
    ) -> Result[Page[Transaction], Unavailable]:
        mine = [row for row in self._store.transactions.values() if row.user_id == owner]
        rows = [row for row in mine if account_id in (None, row.account_id) and not row.removal]
        return Success(listing_fakes.page_of(rows, self._store, where, after, limit, sort))

    async def totals(
        self, account_id: AccountId | None, *, owner: UserId, where: TransactionFilter
    ) -> Result[Sequence[CurrencyTotal], Unavailable]:
        mine = [row for row in self._store.transactions.values() if row.user_id == owner]
        rows = [row for row in mine if account_id in (None, row.account_id) and not row.removal]
        return Success(listing_fakes.totals_of(rows, self._store, where))

    async def match_context(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        rows: Sequence[StatementRow],
        keys: Sequence[TransactionKey],
        near: Neighbourhood | None = None,
    ) -> Result[MatchContext, Unavailable]:
        all_rows = [
            row
            for row in self._store.transactions.values()
            if row.account_id == account_id and row.user_id == owner
            if row.removal is not Removal.MERGED
        ]
        known = {}
        for row in sorted(all_rows, key=lambda row: row.removal is not Removal.UNDONE):
            prior_states = [each for each in self._store.prior_states.values() if each.id == row.id]
            for stated in (row, *prior_states):
                known[stated.key] = _existing(row)
        stays = [row for row in all_rows if row.removal is not Removal.UNDONE]
        taken = {row.provider_id for row in stays if row.provider_id}
        fingerprints = {key.fingerprint for key in keys}
        context = MatchContext(
            known={key: each for key, each in known.items() if key.fingerprint in fingerprints},
            provider_ids=taken,
            candidates=[_existing(row) for row in stays],
        )
        return Success(self._with_neighbours(context, stays, near) if near else context)

    def _with_neighbours(
        self, context: MatchContext, stays: Sequence[Transaction], near: Neighbourhood
    ) -> MatchContext:
        stating: dict[TransactionId, set[StatementRef]] = {row.id: set() for row in stays}
        for each in self._store.imported_rows:
            state = self._store.prior_states.get((each.account_id, each.key))
            if not (state or self._store.transactions[each.transaction_id]).is_pending:
                ref = StatementRef(each.import_id, each.place)
                stating.setdefault(each.transaction_id, set()).add(ref)
        booked = [row for row in stays if not row.is_pending]
        return replace(
            context,
            counterparts=[_existing(row) for row in booked],
            stating=stating,
            between={
                row.id: row.amount.amount
                for row in booked
                if row.removal is None and _is_between(row, near)
            },
            refused={
                each.pair
                for each in self._store.matches.values()
                if each.status is MatchStatus.REFUSED
            },
        )

    async def add(self, transactions: Sequence[Transaction]) -> Result[None, Unavailable]:
        for row in transactions:
            self._store.transactions[row.id] = replace(row, trade=self._with_name(row.trade))
        return Success(None)

    def _with_name(self, trade: Trade | None) -> Trade | None:
        """Complete a security with details from other statements."""
        if trade is None:
            return None
        key = (trade.security.scheme, trade.security.number)
        known = self._store.named.get(key, trade.security)
        security = replace(
            known,
            name=trade.security.name or known.name,
            ticker=trade.security.ticker or known.ticker,
        )
        self._store.named[key] = security
        return replace(trade, security=security)

    async def update_from_import(
        self, transactions: Sequence[Transaction]
    ) -> Result[None, Unavailable]:
        for stated in transactions:
            before = self._store.transactions[stated.id]
            if before.key != stated.key:
                self._store.prior_states[before.account_id, before.key] = before
            self._store.prior_states.pop((stated.account_id, stated.key), None)
            self._store.transactions[stated.id] = _with_own(stated, before)
        return Success(None)

    async def refresh(
        self, transactions: Sequence[Transaction], digest: bytes
    ) -> Result[None, Unavailable]:
        for stated in transactions:
            before = self._store.transactions[stated.id]
            source = self._store.imports.get(before.import_id)
            if source and source.digest == digest and before.key == stated.key:
                stated = replace(stated, import_id=before.import_id, line=before.line)
                self._store.transactions[stated.id] = _with_own(stated, before)
        return Success(None)

    async def add_prior_states(
        self, transactions: Sequence[Transaction]
    ) -> Result[None, Unavailable]:
        self._store.prior_states |= {(row.account_id, row.key): row for row in transactions}
        return Success(None)

    async def record_rows(self, imported_rows: Sequence[ImportedRow]) -> Result[None, Unavailable]:
        self._store.imported_rows = [*self._store.imported_rows, *imported_rows]
        return Success(None)

    async def undo(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[tuple[int, int], Unavailable]:
        wanted = (import_id, owner)
        mine = [e for e in self._store.imported_rows if (e.import_id, e.user_id) == wanted]
        self._store.imported_rows = [each for each in self._store.imported_rows if each not in mine]
        self._store.undone_rows = [*self._store.undone_rows, *mine]
        removed = restored = 0
        for transaction_id in {each.transaction_id for each in mine}:
            row = self._store.transactions[transaction_id]
            left = [each for each in self._store.imported_rows if each.transaction_id == row.id]
            is_over = row.removal not in (None, Removal.EXPIRED)
            if is_over or row.key in {each.key for each in left}:
                continue
            if left:
                await self.update_from_import([self._stage(left)])
                restored += 1
            else:
                self._store.transactions[row.id] = replace(row, removal=Removal.UNDONE)
                removed += 1
        return Success((removed, restored))

    def _stage(self, imported_rows: Sequence[ImportedRow]) -> Transaction:
        prior_states = [
            self._store.prior_states[each.account_id, each.key] for each in imported_rows
        ]
        return min(prior_states, key=lambda row: (row.is_pending, row.booking_date))

    async def expire(
        self, account_ids: Collection[AccountId], *, owner: UserId
    ) -> Result[None, Unavailable]:
        for account_id in account_ids:
            lists = [
                (outcome.pending_day, done.id, place, self._since(outcome, done.id, place))
                for done in self._store.imports.values()
                if done.user_id == owner and done.undone_at is None
                for place, outcome in enumerate(done.statements, 1)
                if outcome.account_id == account_id and outcome.pending_day
            ]
            self._expire(account_id, lists, self._withdrawn(owner))
            self._expire_corrected(account_id)
        return Success(None)

    def _withdrawn(self, owner: UserId) -> set[TransactionId]:
        standing = [e for e in self._store.imports.values() if e.undone_at is None]
        outcomes = [outcome for done in standing for outcome in done.statements]
        return {each for outcome in outcomes for each in outcome.withdrawn}

    def _expire_corrected(self, account_id: AccountId) -> None:
        until = dict[str, date | None]()
        for done in self._store.imports.values():
            for outcome in done.statements if done.user_id else ():
                if outcome.account_id == account_id:
                    days = [outcome.closing.day if outcome.closing else None, outcome.last_day]
                    last = max(filter(None, days), default=date.max)
                    for each in outcome.corrected_ids:
                        active = last if done.undone_at is None else None
                        until[each] = max(filter(None, (until.get(each), active)), default=None)
        for row in list(self._store.transactions.values()):
            over = row.removal in (None, Removal.EXPIRED) and not row.is_pending
            if row.account_id == account_id and over and row.provider_id in until:
                day = until[row.provider_id]
                removal = Removal.EXPIRED if day and row.booking_date <= day else None
                self._store.transactions[row.id] = replace(row, removal=removal)

    def _expire(
        self,
        account_id: AccountId,
        lists: Sequence[tuple[date, ImportId, int, date]],
        withdrawn: Collection[TransactionId],
    ) -> None:
        for row in list(self._store.transactions.values()):
            waiting = row.removal in (None, Removal.EXPIRED) and row.is_pending
            if row.account_id == account_id and waiting:
                speaking = (each[:3] for each in lists if each[3] <= row.booking_date <= each[0])
                latest = max(speaking, default=None)
                is_over = row.id in withdrawn or (latest and self._is_over(row, latest))
                removal = Removal.EXPIRED if is_over else None
                self._store.transactions[row.id] = replace(row, removal=removal)

    def _is_over(self, row: Transaction, latest: tuple[date, ImportId, int]) -> bool:
        day, import_id, place = latest
        stating = [e for e in self._store.imported_rows if e.transaction_id == row.id]
        listed = any((each.import_id, each.place) == (import_id, place) for each in stating)
        later = any(self._day_of(each) > day for each in stating)
        return not listed and not later

    def _since(self, outcome: StatementOutcome, import_id: ImportId, place: int) -> date:
        """Return the first day of which a list speaks: without a period, that of its rows."""
        rows = self._store.imported_rows
        its = [each.day for each in rows if (each.import_id, each.place) == (import_id, place)]
        return date.min if outcome.first_day else min(its, default=date.min)

    def _day_of(self, row: ImportedRow) -> date:
        outcome = self._store.imports[row.import_id].statements[row.place - 1]
        closing = outcome.closing.day if outcome.closing else None
        return outcome.pending_day or closing or outcome.last_day or row.day

    async def merge(
        self, duplicate: TransactionId, into: TransactionId, *, owner: UserId
    ) -> Result[None, Unavailable]:
        merged, kept = self._store.transactions[duplicate], self._store.transactions[into]
        for rows in ("imported_rows", "undone_rows"):
            stated = getattr(self._store, rows)
            setattr(self._store, rows, [_restated(each, duplicate, into) for each in stated])
        states = [each for each in self._store.prior_states.values() if each.id == duplicate]
        for each in (*states, merged):
            self._store.prior_states[each.account_id, each.key] = replace(each, id=into)
        self._store.transactions[duplicate] = replace(merged, removal=Removal.MERGED)
        said = min(
            (kept, merged),
            key=lambda row: (
                row.category_source is not CategorySource.OWNER,
                not (row.category or row.splits),
            ),
        )
        self._store.stated_categories = [
            (source, replace(e, transaction_id=into) if e.transaction_id == duplicate else e)
            for source, e in self._store.stated_categories
        ]
        known = {of for of, e in self._store.rule_effects if e.transaction_id == into}
        self._store.rule_effects = [
            (of, replace(e, transaction_id=into))
            if e.transaction_id == duplicate and of not in known
            else (of, e)
            for of, e in self._store.rule_effects
        ]
        tags = tuple(sorted({*kept.tags, *merged.tags}))
        self._store.transactions[into] = replace(
            _with_own(kept, said),
            note=kept.note or merged.note,
            payee_name=kept.payee_name or merged.payee_name,
            tags=tags[:MAX_TAGS],
            tags_source=max(kept.tags_source, merged.tags_source, key=lambda each: each or ""),
        )
        return Success(None)

    async def edit(self, transaction: Transaction) -> Result[None, Unavailable]:
        row = self._store.transactions[transaction.id]
        self._store.transactions[row.id] = _with_own(row, transaction)
        return Success(None)

    async def edit_all(
        self, edit: BulkEdit, *, owner: UserId
    ) -> Result[None, TransactionNotFound | Unavailable]:
        rows = [owned(self._store.transactions.get(each), owner) for each in edit.transaction_ids]
        found = [row for row in rows if row and not row.removal]
        if len(found) < len(rows):
            return Failure(TransactionNotFound())
        edited: dict[UUID, Transaction] = {row.id: replace(row, **edit.columns) for row in found}
        self._store.transactions |= edited
        return Success(None)

    async def delete(self, transaction: Transaction) -> Result[None, Unavailable]:
        row = self._store.transactions[transaction.id]
        self._store.transactions[row.id] = replace(row, removal=Removal.DELETED)
        return Success(None)


class InMemoryBalanceRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, snapshots: Sequence[BalanceSnapshot]) -> Result[int, Unavailable]:
        fresh = [each for each in dict.fromkeys(snapshots) if each not in self._store.balances]
        self._store.balances = [*self._store.balances, *fresh]
        self._store.recorded |= dict.fromkeys(fresh, datetime.now(UTC))
        return Success(len(fresh))

    async def page(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        after: Cursor | None,
        limit: int,
        as_of: AsOf = NOW,
    ) -> Result[Page[BalanceSnapshot], Unavailable]:
        mine = [each for each in self._active(owner, as_of) if each.account_id == account_id]
        once = {_stated(each): each for each in reversed(mine)}.values()
        order = [(each.day, self._store.balances.index(each)) for each in once]
        order = [each for each in order if not after or each < (after.day, after.id.int)]
        order.sort(reverse=True)
        items = [self._store.balances[place] for _, place in order[:limit]]
        last = order[:limit][-1:] if len(order) > limit else []
        return Success(Page(items, Cursor(last[0][0], UUID(int=last[0][1])) if last else None))

    def _active(self, owner: UserId, as_of: AsOf) -> list[BalanceSnapshot]:
        return [
            each
            for each in self._store.balances
            if each.user_id == owner
            and (as_of.day is None or each.day <= as_of.day)
            and self._store.stands(each, each.import_id, as_of)
        ]


class InMemoryImportProgressStore:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def set(self, import_id: ImportId, progress: ImportProgress, *, owner: UserId) -> None:
        self._store.progress[import_id] = progress

    async def clear(self, import_id: ImportId, *, owner: UserId) -> None:
        self._store.progress.pop(import_id, None)


def _stated(snapshot: BalanceSnapshot) -> tuple[object, ...]:
    return snapshot.kind, snapshot.day, snapshot.money


def _name(owner: UserId, reference: AccountReference) -> tuple[UserId, str, str, str]:
    key = key_of(reference)
    return owner, key.institution, key.number, reference.currency


def _with_own(row: Transaction, other: Transaction) -> Transaction:
    return replace(
        row,
        note=other.note,
        category=other.category,
        category_id=other.category_id,
        category_source=other.category_source,
        tags=other.tags,
        tags_source=other.tags_source,
        splits=other.splits,
    )


def _restated(row: ImportedRow, former: TransactionId, present: TransactionId) -> ImportedRow:
    return replace(row, transaction_id=present) if row.transaction_id == former else row


def _is_between(row: Transaction, near: Neighbourhood) -> bool:
    stretch = near.stretch
    if stretch is None or stretch.previous is None or stretch.begins is None:
        return False
    closing = stretch.statement.closing
    return bool(closing and stretch.begins.day < row.booking_date <= closing.day)


def _existing(row: Transaction) -> ExistingTransaction:
    return ExistingTransaction(
        id=row.id,
        booking_date=row.booking_date,
        amount=row.amount,
        provider_id=row.provider_id,
        description=row.description,
        pending=row.is_pending,
        balance=row.balance,
        removal=row.removal,
    )

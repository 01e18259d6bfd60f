"""Compare the ledger with the balances that statements state."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from domain.ledger.counterparts import NEAR_DAYS
from domain.ledger.days import Days
from domain.ledger.entities import Leg, Transaction
from domain.ledger.events import LedgerUnbalanced
from domain.ledger.evidence import Outline
from domain.ledger.imports import StatementImport
from domain.ledger.ports import ReconciliationRepository
from domain.ledger.reconciling import ReconciledStatement, StretchPlan, outline_of, plans
from domain.ledger.suggested_matches import SuggestedMatch
from domain.ledger.values import UNRECONCILED, LedgerReconciliation, StatementRef
from domain.shared.errors import Unavailable
from domain.shared.events import Actor
from domain.shared.ids import AccountId, UserId
from domain.shared.ports import Clock
from domain.shared.result import Failure, Result, Success

Ledgers = dict[StatementRef, LedgerReconciliation]
#: Other states of a transaction may be of other days.
_ABOUT = timedelta(days=NEAR_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Touched:
    """Where something changed: the days, and statements that are not stored yet or any more.

    If those `added` are the latest of the account, the `changed` days are all that matters.
    """

    account_id: AccountId
    owner: UserId
    days: Days
    changed: Days | None = None
    added: Sequence[Outline] = ()
    gone: Sequence[Outline] = ()


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was found, and the accounts with a stretch that is unbalanced and was not before."""

    ledgers: Ledgers = field(default_factory=dict)
    unbalanced: list[AccountId] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileAccounts:
    """Compares the stretches that a change touches, in the unit of work of the change.

    The caller has locked the accounts.
    """

    reconciliations: ReconciliationRepository
    clock: Clock

    async def after_import(
        self, done: StatementImport
    ) -> Result[tuple[StatementImport, list[LedgerUnbalanced]], Unavailable]:
        """Return the import with what was found; its statements are not stored yet."""
        touched = await self._touched_by(done)
        if isinstance(touched, Failure):
            return touched
        found = await self._reconcile(touched.value)
        if isinstance(found, Failure):
            return found
        ledgers = found.value.ledgers
        statements = [
            replace(each, ledger=ledgers.get(StatementRef(done.id, place), UNRECONCILED))
            for place, each in enumerate(done.statements, 1)
        ]
        return Success(
            (replace(done, statements=statements), self._events(found.value, done.user_id))
        )

    async def after_undo(
        self, undone: StatementImport
    ) -> Result[list[LedgerUnbalanced], Unavailable]:
        """Compare without the statements of an import that was undone."""
        touched = await self._touched_by(undone)
        if isinstance(touched, Failure):
            return touched
        left = [
            replace(
                each,
                days=Days(each.days.first - _ABOUT, each.days.last + _ABOUT),
                changed=None,
                added=(),
                gone=each.added,
            )
            for each in touched.value
        ]
        found = await self._reconcile(left)
        if isinstance(found, Failure):
            return found
        refs = [StatementRef(undone.id, place + 1) for place in range(len(undone.statements))]
        forgotten = await self.reconciliations.store(
            dict.fromkeys(refs, UNRECONCILED), owner=undone.user_id
        )
        if isinstance(forgotten, Failure):
            return forgotten
        return Success(self._events(found.value, undone.user_id))

    async def after_deletion(self, deleted: Transaction) -> Result[None, Unavailable]:
        found = await self._reconcile([_about_legs([Leg.of(deleted)], deleted.user_id)])
        return found if isinstance(found, Failure) else Success(None)

    async def after_restoration(
        self, deleted: Transaction, restored: Transaction
    ) -> Result[list[LedgerUnbalanced], Unavailable]:
        """Compare about the days of a transaction as it was deleted, and as it was restored."""
        legs = [Leg.of(deleted), Leg.of(restored)]
        found = await self._reconcile([_about_legs(legs, restored.user_id)])
        if isinstance(found, Failure):
            return found
        return Success(self._events(found.value, restored.user_id))

    async def after_merge(
        self, match: SuggestedMatch
    ) -> Result[list[LedgerUnbalanced], Unavailable]:
        """Compare about the days of both transactions, which are one now."""
        legs = [match.added, match.existing]
        found = await self._reconcile([_about_legs(legs, match.user_id)])
        if isinstance(found, Failure):
            return found
        return Success(self._events(found.value, match.user_id))

    def _events(self, found: Reconciled, owner: UserId) -> list[LedgerUnbalanced]:
        now = self.clock.now()
        return [
            LedgerUnbalanced(subject_id=each, actor=Actor.user(owner), occurred_at=now)
            for each in found.unbalanced
        ]

    async def _touched_by(self, done: StatementImport) -> Result[list[_Touched], Unavailable]:
        """Return the days of an import's rows and balances, by account."""
        listed = await self.reconciliations.days_of(done.id, owner=done.user_id)
        if isinstance(listed, Failure):
            return listed
        changed = await self.reconciliations.changed_days(done.id, owner=done.user_id)
        if isinstance(changed, Failure):
            return changed
        touched: dict[AccountId, _Touched] = {}
        for place, outcome in enumerate(done.statements, 1):
            rows = listed.value.get(place)
            outline = outline_of(outcome, StatementRef(done.id, place), rows)
            days = _joined([outline.reach, rows])
            if days is None:
                continue
            before = touched.get(outcome.account_id)
            touched[outcome.account_id] = _Touched(
                account_id=outcome.account_id,
                owner=done.user_id,
                days=before.days.joined(days) if before else days,
                changed=_joined(
                    [
                        before.changed if before else None,
                        changed.value.get(place),
                        _end_of(outline, days),
                    ]
                ),
                added=[*(before.added if before else ()), outline],
            )
        return Success(list(touched.values()))

    async def _reconcile(self, touched: Iterable[_Touched]) -> Result[Reconciled, Unavailable]:
        found = Reconciled()
        for each in touched:
            ledgers = await self._reconcile_account(each)
            if isinstance(ledgers, Failure):
                return ledgers
            found.ledgers.update(ledgers.value.ledgers)
            found.unbalanced.extend(ledgers.value.unbalanced)
        return Success(found)

    async def _reconcile_account(self, touched: _Touched) -> Result[Reconciled, Unavailable]:
        """Compare the stretches touched of one account."""
        narrowed = await self._narrowed(touched)
        if isinstance(narrowed, Failure):
            return narrowed
        touched = narrowed.value
        near = await self._about(touched, touched.days)
        if isinstance(near, Failure):
            return near
        # Stretches that begin or end on other days need the statements of those.
        days = _joined([touched.days, *(plan.days for plan in near.value[0])])
        assert days
        near = await self._about(touched, days)
        if isinstance(near, Failure):
            return near
        chosen, before = near.value
        now: Ledgers = {}
        turned = False
        for plan in chosen:
            sums = await self.reconciliations.sums(
                touched.account_id,
                plan.currency,
                plan.addends,
                plan.places,
                owner=touched.owner,
            )
            if isinstance(sums, Failure):
                return sums
            for refs, ledger in plan.reconcile(sums.value):
                now |= dict.fromkeys(refs, ledger)
                known = [before[ref] for ref in refs if ref in before]
                turned |= _turned(ledger, known)
        changed = {ref: each for ref, each in now.items() if before.get(ref, each) != each}
        stored = await self.reconciliations.store(changed, owner=touched.owner)
        if isinstance(stored, Failure):
            return stored
        return Success(Reconciled(now, [touched.account_id] if turned else []))

    async def _narrowed(self, touched: _Touched) -> Result[_Touched, Unavailable]:
        """Leave out the days of known rows, unless statements of before come after these."""
        if touched.changed is None:
            return Success(touched)
        near = await self.reconciliations.about(
            touched.account_id, touched.changed, owner=touched.owner
        )
        if isinstance(near, Failure):
            return near
        ends = [each.closing.day for each in touched.added if each.closing]
        later = (each.outline.closing for each in near.value)
        if any(closing and closing.day > min(ends, default=date.max) for closing in later):
            return Success(touched)
        return Success(replace(touched, days=touched.changed))

    async def _about(
        self, touched: _Touched, days: Days
    ) -> Result[tuple[Sequence[StretchPlan], Ledgers], Unavailable]:
        """Return the stretches touched, and what is stored of the statements about some days."""
        found = await self.reconciliations.about(touched.account_id, days, owner=touched.owner)
        if isinstance(found, Failure):
            return found
        return Success(await asyncio.to_thread(_planned, found.value, touched))


def _about_legs(legs: Sequence[Leg], owner: UserId) -> _Touched:
    """Return the days about transactions of one account."""
    booked = [each.booking_date for each in legs]
    days = Days(min(booked) - _ABOUT, max(booked) + _ABOUT)
    return _Touched(account_id=legs[0].account_id, owner=owner, days=days)


def _planned(
    found: Sequence[ReconciledStatement], touched: _Touched
) -> tuple[Sequence[StretchPlan], Ledgers]:
    outlines = [*(each.outline for each in found), *touched.added]
    return plans(outlines, touched.days, touched.gone), {
        each.outline.ref: each.ledger for each in found
    }


def _end_of(outline: Outline, days: Days) -> Days:
    """Return the day on which the stretch of a statement ends."""
    last = outline.closing.day if outline.closing else days.last
    return Days(last, last)


def _joined(many: Iterable[Days | None]) -> Days | None:
    days = [each for each in many if each]
    if not days:
        return None
    return Days(min(each.first for each in days), max(each.last for each in days))


def _turned(now: LedgerReconciliation, before: Iterable[LedgerReconciliation]) -> bool:
    """Return whether a stretch is unbalanced, and none of its statements was so before."""
    return now.is_unbalanced and not any(each.is_unbalanced for each in before)

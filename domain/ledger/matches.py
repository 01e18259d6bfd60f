"""Rows of a statement, and the transactions that they are."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from domain.ledger.values import MatchResult, Removal, StatementRef, TransactionKey, normalised
from domain.shared.ids import TransactionId
from domain.shared.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingTransaction:
    """A transaction that the account has or had, with what rows are compared by."""

    id: TransactionId
    booking_date: date
    amount: Money
    provider_id: str | None
    description: str = field(repr=False)
    pending: bool
    balance: Decimal | None = None
    removal: Removal | None = None

    @property
    def text(self) -> str:
        return normalised(self.description)

    @property
    def is_gone(self) -> bool:
        """Whether no import states it any more."""
        return self.removal is Removal.UNDONE


@dataclass(frozen=True, slots=True)
class Match:
    """What becomes of a row: its transaction, and the key by which the row is that transaction.

    `existing` is that transaction if the account has it, or had it. With `other_state` (pending or
    booked, or in the words of another report), the row's key was not known before.
    """

    result: MatchResult
    id: TransactionId
    key: TransactionKey
    existing: ExistingTransaction | None = None
    other_state: bool = False

    @property
    def is_unknown(self) -> bool:
        """Whether the account has no transaction that the row is."""
        return self.result in (MatchResult.NEW, MatchResult.CONFLICT)

    @property
    def changes(self) -> bool:
        """Whether the row states anything that the account does not have in this state."""
        return self.result is not MatchResult.SAME or self.other_state


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchContext:
    """What the account has that matters to the rows of one statement.

    `candidates` are transactions that an unknown row may be another state of: pending ones, and
    booked ones if the statement has pending rows. `counterparts` are booked transactions that
    unknown rows may state in other words. `stating` says which statements state each of these as
    booked, and `between` has the amounts of what was booked between the balances of the statement,
    if that is little enough to look at. `refused` are pairs of transactions of which their user has
    said that they are not the same.
    """

    known: Mapping[TransactionKey, ExistingTransaction]
    provider_ids: Collection[str]
    candidates: Sequence[ExistingTransaction] = ()
    counterparts: Sequence[ExistingTransaction] = ()
    stating: Mapping[TransactionId, Collection[StatementRef]] = field(default_factory=dict)
    between: Mapping[TransactionId, Decimal] | None = field(default_factory=dict)
    refused: Collection[frozenset[TransactionId]] = frozenset()

    def booked_by(self, refs: AbstractSet[StatementRef]) -> set[TransactionId]:
        """Return those that one of these statements states, and that are booked.

        What is pending, or was pending there, the next statement lists again, or books.
        """
        pending = {each.id for each in (*self.known.values(), *self.candidates) if each.pending}
        return self.stated_by(refs) - pending

    def identified_by(self, provider_ids: Collection[str]) -> set[TransactionId]:
        """Return those with one of these ids of the bank."""
        ids = set(provider_ids)
        every = (*self.known.values(), *self.candidates, *self.counterparts) if ids else ()
        return {each.id for each in every if each.provider_id in ids}

    def stated_by(self, refs: AbstractSet[StatementRef]) -> set[TransactionId]:
        """Return the transactions that one of these statements states."""
        return {each for each, stating in self.stating.items() if not refs.isdisjoint(stating)}


@dataclass(frozen=True, slots=True)
class Pairing:
    """The matches with all that is certain, and by place what else a new row may be."""

    matches: Sequence[Match]
    suggestions: Mapping[int, ExistingTransaction]


def in_other_words(match: Match, existing: ExistingTransaction) -> Match:
    """Make a new row the transaction that it states in other words."""
    result = MatchResult.DELETED if existing.removal is Removal.DELETED else MatchResult.SAME
    return replace(match, result=result, id=existing.id, existing=existing, other_state=True)

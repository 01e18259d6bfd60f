"""What imports leave beside transactions: the rows of their files, and the balances they state."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from domain.ledger.kinds import BalanceKind
from domain.ledger.values import MatchResult, StatedBalance, TransactionKey
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId
from domain.shared.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRow:
    """One row of an import: which transaction it is, its key, booking date and result.

    `place` is the number of its statement in the file, counted from 1.
    """

    import_id: ImportId
    user_id: UserId
    account_id: AccountId
    transaction_id: TransactionId
    key: TransactionKey
    day: date
    result: MatchResult
    place: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceSnapshot:
    """A balance of an account on a day, as an import stated it. It is never changed."""

    account_id: AccountId
    user_id: UserId
    import_id: ImportId
    kind: BalanceKind
    money: Money
    day: date

    @classmethod
    def of(
        cls,
        stated: StatedBalance,
        *,
        account_id: AccountId,
        user_id: UserId,
        import_id: ImportId,
    ) -> Self:
        return cls(
            account_id=account_id,
            user_id=user_id,
            import_id=import_id,
            kind=stated.kind,
            money=stated.money,
            day=stated.day,
        )

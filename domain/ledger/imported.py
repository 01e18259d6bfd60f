"""What imports leave beside transactions: the rows of their files, and the balances they state."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Self
from uuid import UUID

from domain.ledger.kinds import BalanceKind
from domain.ledger.values import MatchResult, StatedBalance, TransactionKey
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId
from domain.shared.money import Money
from domain.shared.pages import OpaqueCursor


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


_ROW_CURSOR = struct.Struct(">i16si")


@dataclass(frozen=True, slots=True)
class RowCursor(OpaqueCursor):
    """The cursor of a row: its line in the file; the tie-break is its number within a batch."""

    line: int
    id: UUID
    number: int

    def pack(self) -> bytes:
        return _ROW_CURSOR.pack(self.line, self.id.bytes, self.number)

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        line, id_bytes, number = _ROW_CURSOR.unpack(packed)
        return cls(line, UUID(bytes=id_bytes), number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What is stated about a transaction: by a row of a file, or by others before it."""

    booking_date: date
    amount: Money
    payee: str = field(repr=False)
    description: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MetTransaction:
    """A transaction that a row met in the ledger, as it is apart from that row."""

    id: TransactionId
    stated: Stated


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row of a file: the line it begins on, its result, and which transaction it is.

    It met the transaction that it is, as that was stated before; the one that it contradicts; or,
    if it is a new one, the one that it may be in other words.
    """

    line: int
    result: MatchResult
    transaction_id: TransactionId
    stated: Stated
    met: MetTransaction | None = None


@dataclass(frozen=True, slots=True)
class ImportRowsPage:
    """Some rows, in the order of the file; without `next`, they are the last."""

    items: Sequence[ImportRow]
    next: RowCursor | None

"""What the ledger needs from the outside. Everything is asked for with its owner."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from domain.ledger.entities import (
    Account,
    BalanceSnapshot,
    Sighting,
    Transaction,
    TransactionStatus,
)
from domain.ledger.errors import (
    AccountExists,
    AccountNotFound,
    ImportIsUndone,
    ImportNotFound,
    StatementTooLarge,
    TransactionNotFound,
    UnreadableStatement,
)
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.identity import Identity
from domain.ledger.imports import StatementImport
from domain.ledger.values import AccountReference, StatementFile, StatementRow, TransactionKind
from domain.ledger.verdicts import Evidence
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Result


class StatementReader(Protocol):
    """Reads one file format. Pure: the same bytes always give the same statements."""

    @property
    def format(self) -> str: ...

    def recognises(self, head: bytes) -> bool:
        """Tell from the first kilobytes whether the file is of this format."""

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        """Read the whole file. Rows that make no sense are quarantined, never dropped.

        Where the file leaves something open that no hint tells, it is `HintNeeded`.
        """


class AccountRepository(Protocol):
    """All accounts; one for each person, institution and number."""

    async def get(
        self, account_id: AccountId, *, owner: UserId
    ) -> Result[Account, AccountNotFound | Unavailable]: ...

    async def find(
        self, reference: AccountReference, *, owner: UserId
    ) -> Result[Account, AccountNotFound | Unavailable]: ...

    async def all(self, *, owner: UserId) -> Result[Sequence[Account], Unavailable]: ...

    async def add(self, account: Account) -> Result[None, AccountExists | Unavailable]: ...

    async def name(
        self, account: Account, reference: AccountReference
    ) -> Result[None, Unavailable]:
        """Know the account by one more name, unless that is a name of an account already."""

    async def lock(
        self, account_ids: Collection[AccountId], *, owner: UserId
    ) -> Result[None, Unavailable]:
        """Let nobody else write to these accounts until the unit of work ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionFilter:
    """Which transactions are wanted; bounds are inclusive."""

    booked_from: date | None = None
    booked_to: date | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    status: TransactionStatus | None = None
    kind: TransactionKind | None = None


class TransactionRepository(Protocol):
    """All transactions of all accounts."""

    async def get(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Transaction, TransactionNotFound | Unavailable]: ...

    async def page(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
    ) -> Result[Page[Transaction], Unavailable]:
        """Return up to `limit` transactions, newest booking date first."""

    async def evidence(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        rows: Sequence[StatementRow],
        identities: Sequence[Identity],
    ) -> Result[Evidence, Unavailable]:
        """Return what the account holds that bears on these rows."""

    async def add(self, transactions: Sequence[Transaction]) -> Result[None, Unavailable]: ...

    async def restate(self, transactions: Sequence[Transaction]) -> Result[None, Unavailable]:
        """Let these say what an import states now; what they said before is kept as a stage.

        Note and category stay as they are; what was undone is back.
        """

    async def add_stages(self, transactions: Sequence[Transaction]) -> Result[None, Unavailable]:
        """Keep what these say as an earlier stage of the transactions that have their ids."""

    async def see(self, sightings: Sequence[Sighting]) -> Result[None, Unavailable]:
        """Keep which transactions the rows of an import are."""

    async def undo(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[tuple[int, int], Unavailable]:
        """Take back what an import brought; return how many were removed and how many restored.

        A transaction is what the imports that are left say of it: booked where one says so, at an
        earlier stage where none does, and not in the ledger where none knows it.
        """

    async def edit(self, transaction: Transaction) -> Result[None, Unavailable]:
        """Keep note and category."""

    async def delete(self, transaction: Transaction) -> Result[None, Unavailable]:
        """Keep that its owner has deleted it."""


class BalanceRepository(Protocol):
    """What accounts held, and when. Snapshots are added, never changed."""

    async def add(self, snapshots: Sequence[BalanceSnapshot]) -> Result[int, Unavailable]:
        """Add what an import states, each once; return how many these were."""

    async def of_account(
        self, account_id: AccountId, *, owner: UserId, limit: int
    ) -> Result[Sequence[BalanceSnapshot], Unavailable]:
        """Return the snapshots of an account, latest day first."""

    async def latest(
        self, *, owner: UserId
    ) -> Result[Mapping[AccountId, BalanceSnapshot], Unavailable]:
        """Return the latest booked balance of every account that has one."""


class FileArchive(Protocol):
    """The files themselves, each kept once for a person and found by its SHA-256."""

    async def keep(
        self, content: bytes, *, digest: bytes, owner: UserId
    ) -> Result[None, Unavailable]: ...

    async def get(
        self, digest: bytes, *, owner: UserId
    ) -> Result[bytes, ImportNotFound | Unavailable]: ...

    async def rewrap(self, *, owner: UserId) -> Result[int, Unavailable]:
        """Put all that are under an older key under the one in use; return how many that were."""


class ImportRepository(Protocol):
    """Every file that was brought in."""

    async def get(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[StatementImport, ImportNotFound | Unavailable]: ...

    async def page(
        self, *, owner: UserId, after: ImportId | None, limit: int
    ) -> Result[Sequence[StatementImport], Unavailable]:
        """Return up to `limit` imports, newest first."""

    async def add(self, statement_import: StatementImport) -> Result[None, Unavailable]: ...

    async def mark_undone(
        self, statement_import: StatementImport, *, at: datetime
    ) -> Result[None, ImportIsUndone | Unavailable]: ...

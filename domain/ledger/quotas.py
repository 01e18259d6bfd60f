"""Quotas: how many bytes of a user's files may be stored, and how many files may wait."""

from dataclasses import dataclass

from domain.ledger.errors import StorageFull, TooManyImportsWaiting

#: Seconds to wait before trying again: a large file takes about so long.
RETRY_SECONDS = 15


@dataclass(frozen=True, slots=True)
class QuotaUsage:
    """The stored bytes of a user's files, and how many files wait."""

    stored: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Quota:
    """The most that any user may store, and may have waiting."""

    stored: int
    waiting: int

    def refuse_storage(self, usage: QuotaUsage, *, added: int) -> StorageFull | None:
        """Refuse a file if it exceeds the quota; `usage` includes it."""
        if not added or usage.stored <= self.stored:
            return None
        return StorageFull(
            f"Your files take up {usage.stored - added:,} of the {self.stored:,} bytes that you may"
            f" store, and this one needs {added:,} more. Delete imports that failed to make room."
        )

    def refuse_waiting(self, usage: QuotaUsage) -> TooManyImportsWaiting | None:
        """Refuse a file that would wait if there are too many; `usage` includes it."""
        if usage.waiting <= self.waiting:
            return None
        return TooManyImportsWaiting(
            f"At most {self.waiting} of your files may wait to be imported or previewed."
            " Try again when one of them is done.",
            RETRY_SECONDS,
        )

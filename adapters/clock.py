"""The system's clock."""

from datetime import UTC, datetime


class SystemClock:
    """`Clock` of the system, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)

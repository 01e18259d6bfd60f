"""What one file may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may take: seconds of CPU, bytes of memory above an idle worker's, rows.

    A worker that says nothing for `deadline` seconds is not waited for any longer.
    """

    seconds: int = 5
    memory: int = 256 * 1024 * 1024
    max_rows: int = 100_000
    deadline: float = 120
    nice: int = 5

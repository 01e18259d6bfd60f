"""The limits for reading one file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds of CPU, bytes of memory above an idle worker's, and rows that one file may use.

    A worker that does not respond for `deadline` seconds is ended.
    """

    seconds: int = 5
    memory: int = 256 * 1024 * 1024
    max_rows: int = 100_000
    deadline: float = 120
    nice: int = 5

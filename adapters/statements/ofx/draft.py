"""The parts of an OFX file as collected from its tags, before they are interpreted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.ledger.kinds import AccountKind


class Source(NamedTuple):
    """The leaves of one row, position or security: tag → value, sub-aggregates as `PAYEE.NAME`."""

    tag: str
    line: int
    leaves: Mapping[str, str]


@dataclass
class Draft:
    """A statement while it is being read; one of a kind that is not supported has none.

    One that is `outside` collects rows that are in no statement.
    """

    kind: AccountKind | None
    is_outside: bool = False
    account: dict[str, str] = field(default_factory=dict)
    leaves: dict[str, str] = field(default_factory=dict)
    period: dict[str, str] = field(default_factory=dict)
    balances: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    rows: list[Source] = field(default_factory=list)
    positions: list[Source] = field(default_factory=list)
    lists_positions: bool = False
    #: The leaves of the list of all pending rows, if there is one.
    pending: dict[str, str] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it names no account, and lists nothing."""
        return not (self.account.get("ACCTID") or self.rows or self.positions)

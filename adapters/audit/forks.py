"""Checkpoints that a witness has and the database has not: they were lost with another history."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from adapters.audit.witness import Testimony


@dataclass(frozen=True, slots=True)
class Fork:
    """A chain of lost checkpoints; the hash of the last names all before it."""

    first: int
    last: int
    hash: str

    @classmethod
    def read(cls, recorded: Mapping[str, Any]) -> Self:
        """Raise ValueError where it is none."""
        first, last, tip = (recorded.get(name) for name in ("first", "last", "hash"))
        if not (type(first) is type(last) is int and isinstance(tip, str)):
            raise ValueError("This is no chain of checkpoints.")
        return cls(first, last, tip)

    def record(self) -> dict[str, str | int]:
        return asdict(self)

    def take_from(self, lost: dict[str, Testimony]) -> None:
        """Take these checkpoints, and no others, out of those that are missed."""
        at, number = self.hash, self.last
        while number >= self.first and at in lost and lost[at].number == number:
            at, number = lost.pop(at).previous, number - 1


def forks_among(testimonies: Iterable[Testimony]) -> list[Fork]:
    """Return the chains that testimonies of lost checkpoints make."""
    lost = {each.hash: each for each in testimonies}
    followed = {each.previous for each in lost.values()}
    return [_fork(lost, each) for tip, each in lost.items() if tip not in followed]


def _fork(lost: Mapping[str, Testimony], tip: Testimony) -> Fork:
    first = tip
    while first.previous in lost:
        first = lost[first.previous]
    return Fork(first.number, tip.number, tip.hash)

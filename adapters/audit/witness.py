"""The witness: a copy of checkpoints outside the database, and what it proves to be lost."""

import json
import urllib.request
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol, Self

from domain.audit.checkpoint import SignedCheckpoint

TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class WitnessRecord:
    """A checkpoint as the witness recorded it."""

    number: int
    text: str
    signature: bytes

    @classmethod
    def of(cls, signed: SignedCheckpoint) -> "WitnessRecord":
        return cls(signed.checkpoint.number, signed.checkpoint.text, signed.signature)

    @property
    def hash(self) -> str:
        """The `previous` of the next checkpoint, in hexadecimal."""
        return sha256(self.text.encode() + self.signature).hexdigest()

    @property
    def previous(self) -> str:
        (line,) = (line for line in self.text.splitlines() if line.startswith("previous "))
        return b64decode(line.removeprefix("previous ")).hex()

    @classmethod
    def read(cls, line: str) -> "WitnessRecord":
        fields = json.loads(line)
        return cls(fields["number"], fields["text"], b64decode(fields["signature"]))

    def __str__(self) -> str:
        signature = b64encode(self.signature).decode()
        fields = {"number": self.number, "text": self.text, "signature": signature}
        return json.dumps(fields) + "\n"


class Witness(Protocol):
    """Stores records of checkpoints, in the order of their numbers."""

    def add(self, record: WitnessRecord) -> None: ...

    def records(self) -> Iterator[WitnessRecord]: ...


class FileWitness:
    """Appends lines of JSON to a file, preferably on a disk of another machine."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, record: WitnessRecord) -> None:
        with self._path.open("a") as file:
            file.write(str(record))

    def records(self) -> Iterator[WitnessRecord]:
        if self._path.exists():
            with self._path.open() as file:
                yield from map(WitnessRecord.read, file)


class HttpWitness:
    """A URL that accepts a line of JSON by POST, and returns all lines by GET."""

    def __init__(self, url: str) -> None:
        self._url = url

    def add(self, record: WitnessRecord) -> None:
        headers = {"Content-Type": "application/json"}
        self._request(str(record).encode(), headers)

    def records(self) -> Iterator[WitnessRecord]:
        for line in self._request(None, {}).splitlines():
            yield WitnessRecord.read(line)

    def _request(self, data: bytes | None, headers: dict[str, str]) -> str:
        # The URL is a setting, and `witness_at` accepts only http and https.
        request = urllib.request.Request(self._url, data, headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as reply:  # noqa: S310
            text: str = reply.read().decode()
            return text


def witness_at(place: str) -> Witness | None:
    """Return the witness of a setting: a file, a URL, or none."""
    if place.startswith(("http://", "https://")):
        return HttpWitness(place)
    return FileWitness(Path(place)) if place else None


@dataclass(frozen=True, slots=True)
class Fork:
    """A chain of checkpoints that the witness has and the database lost with another history.

    The hash of the last identifies all before it.
    """

    first: int
    last: int
    hash: str

    @classmethod
    def read(cls, recorded: Mapping[str, Any]) -> Self:
        """Return the fork that an entry recorded, or raise ValueError."""
        first, last, tip = (recorded.get(name) for name in ("first", "last", "hash"))
        if not (type(first) is type(last) is int and isinstance(tip, str)):
            raise ValueError("This is no chain of checkpoints.")
        return cls(first, last, tip)

    def details(self) -> dict[str, str | int]:
        return asdict(self)

    def remove_from(self, lost: dict[str, WitnessRecord]) -> None:
        """Remove exactly these checkpoints from the lost ones."""
        at, number = self.hash, self.last
        while number >= self.first and at in lost and lost[at].number == number:
            at, number = lost.pop(at).previous, number - 1


def forks_of(records: Iterable[WitnessRecord]) -> list[Fork]:
    """Return the chains that the records of lost checkpoints form."""
    lost = {each.hash: each for each in records}
    followed = {each.previous for each in lost.values()}
    return [_fork(lost, each) for tip, each in lost.items() if tip not in followed]


def _fork(lost: Mapping[str, WitnessRecord], tip: WitnessRecord) -> Fork:
    first = tip
    while first.previous in lost:
        first = lost[first.previous]
    return Fork(first.number, tip.number, tip.hash)

"""Where checkpoints are kept outside the database: who changes both needs to be in two places."""

import json
import urllib.request
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from domain.audit.checkpoint import SignedCheckpoint

TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Testimony:
    """A checkpoint as the witness saw it."""

    number: int
    text: str
    signature: bytes

    @classmethod
    def of(cls, signed: SignedCheckpoint) -> "Testimony":
        return cls(signed.checkpoint.number, signed.checkpoint.text, signed.signature)

    @property
    def hash(self) -> str:
        """What the next checkpoint calls `previous`, in hexadecimal."""
        return sha256(self.text.encode() + self.signature).hexdigest()

    @property
    def previous(self) -> str:
        (line,) = (line for line in self.text.splitlines() if line.startswith("previous "))
        return b64decode(line.removeprefix("previous ")).hex()

    @classmethod
    def read(cls, line: str) -> "Testimony":
        fields = json.loads(line)
        return cls(fields["number"], fields["text"], b64decode(fields["signature"]))

    def __str__(self) -> str:
        signature = b64encode(self.signature).decode()
        fields = {"number": self.number, "text": self.text, "signature": signature}
        return json.dumps(fields) + "\n"


class Witness(Protocol):
    """Takes testimonies and keeps them, in the order of their numbers."""

    def add(self, testimony: Testimony) -> None: ...

    def testimonies(self) -> Iterator[Testimony]: ...


class FileWitness:
    """Lines of JSON in a file that only grows, best on a disk of another machine."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, testimony: Testimony) -> None:
        with self._path.open("a") as file:
            file.write(str(testimony))

    def testimonies(self) -> Iterator[Testimony]:
        if self._path.exists():
            with self._path.open() as file:
                yield from map(Testimony.read, file)


class HttpWitness:
    """An address that takes a line of JSON by POST, and tells all of them by GET."""

    def __init__(self, url: str) -> None:
        self._url = url

    def add(self, testimony: Testimony) -> None:
        headers = {"Content-Type": "application/json"}
        self._ask(str(testimony).encode(), headers)

    def testimonies(self) -> Iterator[Testimony]:
        for line in self._ask(None, {}).splitlines():
            yield Testimony.read(line)

    def _ask(self, data: bytes | None, headers: dict[str, str]) -> str:
        # The address is a setting, of which `witness_at` takes http and https alone.
        request = urllib.request.Request(self._url, data, headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as reply:  # noqa: S310
            text: str = reply.read().decode()
            return text


def witness_at(place: str) -> Witness | None:
    """Return the witness that a setting names: a file, an address, or none."""
    if place.startswith(("http://", "https://")):
        return HttpWitness(place)
    return FileWitness(Path(place)) if place else None

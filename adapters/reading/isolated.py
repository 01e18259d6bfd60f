"""Readers that work in a separate process; use cases call them like any other reader."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import TypeVar

from adapters.reading.columns import read_value
from adapters.reading.frames import documents
from adapters.reading.pool import Refusal, WorkerPool
from adapters.statements.garbage_collector import gc_disabled
from adapters.statements.packed import is_packed
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.ports import StatementReader
from domain.ledger.profiles import CsvSample
from domain.ledger.values import StatementFile
from domain.shared.result import Result, Success

T = TypeVar("T")


class IsolatedReader:
    """`StatementReader` that recognises a file in this process and reads it in a worker."""

    def __init__(self, reader: StatementReader, pool: WorkerPool) -> None:
        self.format = reader.format
        self.recognises = reader.recognises
        self._pool = pool

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, Refusal]:
        return self._pool.run({"do": "read", "format": self.format}, content, _file, hints)


class IsolatedSampler:
    """`CsvSampler` in a worker."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    def __call__(self, content: bytes, hints: ReadingHints) -> Result[CsvSample, Refusal]:
        return self._pool.run({"do": "sample"}, content, _sample, hints)


class IsolatedUnpack:
    """Decompresses a file in a worker; returns uncompressed content as it is."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    def __call__(self, content: bytes, max_bytes: int) -> Result[bytes, Refusal]:
        if not is_packed(content):
            return Success(content)
        return self._pool.run({"do": "unpack", "most": max_bytes}, content, b"".join)


def _file(parts: Iterator[bytes]) -> StatementFile:
    return _decoded(StatementFile, parts)


def _sample(parts: Iterator[bytes]) -> CsvSample:
    return _decoded(CsvSample, parts)


def _decoded(kind: type[T], parts: Iterator[bytes]) -> T:
    # The worker sends nothing before it has read the file, and then sends everything at once: wait
    # for the first part before the garbage collector is disabled.
    first = list(islice(parts, 1))
    with gc_disabled:
        value: T = read_value(kind, documents(chain(first, parts)))
    return value

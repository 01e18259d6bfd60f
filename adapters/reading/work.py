"""The tasks of a worker: it decompresses, samples or reads a file and sends the result."""

from functools import partial
from typing import Any

from adapters.reading.columns import write_value
from adapters.reading.frames import (
    MAX_FRAME,
    REFUSED,
    Oversized,
    Send,
    send_content,
    send_documents,
    send_frame,
)
from adapters.reading.trouble import refusal_document
from adapters.statements.csv.reader import sample
from adapters.statements.packed import unpack
from adapters.statements.readers import statement_readers
from adapters.statements.refusals import within_limits
from domain.ledger.errors import StatementTooLarge
from domain.ledger.hints import ReadingHints
from domain.ledger.profiles import CsvSample
from domain.ledger.values import StatementFile
from domain.shared.errors import DomainError
from domain.shared.result import Failure, Result

Task = dict[str, Any]


class Work:
    """Performs a task on the bytes of a file."""

    def __init__(self, max_rows: int) -> None:
        self._max_rows = max_rows
        self._readers = {reader.format: reader for reader in statement_readers(max_rows)}

    def __call__(self, task: Task, hints: ReadingHints, content: bytes, send: Send) -> None:
        match task["do"]:
            case "unpack":
                send_result(send, unpack(content, task["most"]))
            case "sample":
                send_result(send, sample(content, hints, self._max_rows), CsvSample)
            case _:
                send_result(send, self._read(task["format"], content, hints), StatementFile)

    def _read(
        self, format: str, content: bytes, hints: ReadingHints
    ) -> Result[StatementFile, DomainError]:
        read = self._readers[format].read(content, hints)
        return read if isinstance(read, Failure) else within_limits(read.value)


def send_result(send: Send, result: Result[Any, DomainError], kind: type | None = None) -> None:
    """Send a result: a value of type `kind`, or bytes if there is none."""
    if isinstance(result, Failure):
        _refuse(send, result.error)
    elif kind is None:
        send_content(send, result.value)
    else:
        try:
            send_documents(send, partial(write_value, kind, result.value))
        except Oversized:
            detail = f"A row of a file has at most {MAX_FRAME // 2**20} MB. Nothing was imported."
            _refuse(send, StatementTooLarge(detail))


def _refuse(send: Send, error: DomainError) -> None:
    send_frame(send, REFUSED, refusal_document(error))

"""The documents of what users write by hand, as anybody may upload them."""

import json
from typing import Any

import pytest

from adapters.statements.by_hand import ByHandReader
from domain.shared.ids import new_id
from domain.shared.result import Failure, Success


def document(**transaction: Any) -> bytes:
    said = {"booking_date": "2026-03-13", "amount": "-12.50", **transaction}
    whole = {"dashtam": "by_hand", "id": str(new_id()), "currency": "EUR", "transaction": said}
    return json.dumps(whole).encode()


def test_a_document_is_read() -> None:
    assert isinstance(ByHandReader().read(document(payee="Bakery")), Success)


@pytest.mark.parametrize("text", ["\0", "Bak\0ery", "\ud83d", "x\udfff"])
@pytest.mark.parametrize("name", ["payee", "description", "memo", "reference"])
def test_what_no_database_stores_is_refused(name: str, text: str) -> None:
    """JSON can escape NUL and half a surrogate pair."""
    read = ByHandReader().read(document(**{name: text}))

    assert isinstance(read, Failure)
    assert read.error.code == "unreadable-statement"

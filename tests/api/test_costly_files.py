"""Files that exceed a resource limit: refused with a message, and discarded."""

import gzip
import random

import pytest

from adapters.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import ImportModel, TransactionModel
from adapters.persistence.outbox.models import OutboxModel
from dashtam.container import container
from faults.hostile import hostile
from tests.api.client import Api, problem_of
from tests.statements import days, ofx, statement

#: So many elements that they exceed the memory limit, and noise, without which they would be
#: compressed too well.
NOISE = "".join(f"M{random.Random(line).randbytes(400).hex()}\n" for line in range(500))
COSTLY = gzip.compress(hostile("QIF letters", 10_000_000) + NOISE.encode())
CODE = "statement-too-costly"
HINTS = {"currency": "EUR"}


async def _is_well(api: Api) -> None:
    """The next file is imported, whatever the last one was."""
    imported = await api.upload(ofx(statement(*days(3))))
    assert (imported.status_code, imported.json()["new"]) == (201, 3)


def test_a_costly_file_is_small() -> None:
    assert len(COSTLY) < 1024 * 1024


async def test_a_preview_is_refused_and_nothing_changes(api: Api) -> None:
    await api.enter()

    refused = await api.upload(COSTLY, path="imports/preview", fields=HINTS)

    assert problem_of(refused) == (422, CODE)
    assert "256 MB of memory" in refused.json()["detail"]
    assert await ImportModel.objects.acount() == 0
    assert await TransactionModel.objects.acount() == 0
    entry = await AuditEntryModel.objects.aget(action="statement.preview")
    assert (entry.result, entry.details["error"]) == ("failure", CODE)
    await _is_well(api)


async def test_an_import_in_the_background_fails_for_good(api: Api) -> None:
    await api.enter()

    queued = await api.upload(COSTLY, fields={**HINTS, "background": "true"})
    await container.drain()

    answer = (await api.get(queued.headers["Location"])).json()
    assert (answer["status"], answer["error"]["code"]) == ("failed", CODE)
    event = await OutboxModel.objects.aget(type="statement.received")
    assert event.delivered_at
    assert event.attempts == 1
    await _is_well(api)


@pytest.mark.parametrize("count", [100_001])
async def test_too_many_rows_are_refused(api: Api, count: int) -> None:
    await api.enter()

    refused = await api.upload(
        b"!Type:Bank\n" + b"D13/3/26\nT1\n^\n" * count, path="imports/preview", fields=HINTS
    )

    # It is large, so it waits for a relay.
    assert refused.status_code == 202
    answer = (await api.get(refused.headers["Location"].removeprefix("/api/v1/"))).json()
    assert answer["error"]["code"] == "statement-too-large"
    assert answer["error"]["detail"] == "A file has at most 100,000 rows."

"""Only a sealer decides what is sealed, and what is waiting is reported."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from asgiref.sync import async_to_sync
from structlog.testing import capture_logs

from adapters.audit import checkpoints, entry_verifier
from adapters.audit.checkpoints import Sealed
from adapters.audit.sealer import Sealer
from adapters.audit.trail import INSERT, values_of
from adapters.persistence.plain import connect
from tests.adapters.audit.tools import AuditTools, audit_tools_in, look_around, snapshot
from tests.adapters.audit.years import id_of
from tests.factories import make_entry

pytestmark = pytest.mark.usefixtures("committing_database")


@pytest.fixture
def audit(tmp_path: Path) -> AuditTools:
    return audit_tools_in(tmp_path)


def test_one_of_two_sealers_makes_a_checkpoint(audit: AuditTools) -> None:
    async_to_sync(look_around)(2)
    first, second = snapshot(), audit.sealer()
    with first.transaction():
        # As another sealer that has not ended yet.
        first.execute("SELECT FROM public.audit_checkpoint")
        made = audit.sealer(lambda: first)._make()
        assert made is not None
        assert second.seal() == 4
        with pytest.raises(psycopg.errors.UniqueViolation), first.transaction():
            checkpoints.add(first, made)
    assert audit.sealer(lambda: first).seal() == 0
    second.close()
    first.close()

    assert audit.verify().findings == []


def test_the_second_sealer_continues(audit: AuditTools, monkeypatch: pytest.MonkeyPatch) -> None:
    async_to_sync(look_around)(2)
    sealer, make = audit.sealer(), Sealer._make

    def make_late(late: Sealer) -> Sealed | None:
        made = make(late)
        if late is sealer and not list(audit.witness.records()):
            audit.seal()
        return made

    monkeypatch.setattr(Sealer, "_make", make_late)

    assert sealer.seal_all() == 0
    assert len(list(audit.witness.records())) == 1
    async_to_sync(look_around)(1)
    assert sealer.seal_all() == 2
    sealer.close()
    assert audit.verify().findings == []


def test_no_lock_of_another_role_stops_the_sealer(audit: AuditTools) -> None:
    async_to_sync(look_around)(2)
    with connect() as other, other.transaction():
        other.execute("SELECT pg_advisory_xact_lock(hashtextextended('audit.seal', 0))")
        other.execute("SET LOCAL ROLE dashtam_app")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), other.transaction():
            other.execute("LOCK TABLE public.audit_checkpoint IN ACCESS SHARE MODE")
        assert audit.seal() == 4


class TestWaiting:
    """A transaction that does not end delays everything after it."""

    def test_is_reported(self, audit: AuditTools, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(entry_verifier, "WAITS", timedelta(minutes=3))
        async_to_sync(look_around)(1)
        audit.seal()
        with connect() as running, running.transaction():
            running.execute("SELECT pg_current_xact_id()")
            write_some_minutes_ago(audit)
            with capture_logs() as logged:
                assert audit.seal() == 0
            assert [each["event"] for each in logged] == ["audit.waiting"]
            (finding,) = audit.verify().findings
            assert finding.kind.value == "entry-waiting"

        assert audit.seal() == 1
        assert audit.verify().findings == []

    def test_is_zero_if_nobody_seals(
        self, audit: AuditTools, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(entry_verifier, "WAITS", timedelta(minutes=3))
        write_some_minutes_ago(audit)

        assert audit.verify().findings == []


def write_some_minutes_ago(audit: AuditTools) -> None:
    moment = datetime.now(UTC) - timedelta(minutes=4)
    entry = make_entry(id=id_of(moment), occurred_at=moment)
    with connect() as connection:
        connection.execute(INSERT.encode(), values_of(entry, audit.mac_keys()))

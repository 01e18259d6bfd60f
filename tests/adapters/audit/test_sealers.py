"""Nobody but a sealer decides whether anything is sealed, and what waits is told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from asgiref.sync import async_to_sync
from structlog.testing import capture_logs

from adapters.audit import checkpoints, seal
from adapters.audit import entries as judging
from adapters.audit.checkpoints import Sealed
from adapters.audit.trail import INSERT, values_of
from adapters.persistence.plain import connect
from tests.adapters.audit.custody import Custody, custody_in, look_around, snapshot
from tests.adapters.audit.years import id_of
from tests.factories import make_entry

pytestmark = pytest.mark.usefixtures("committing_database")


@pytest.fixture
def custody(tmp_path: Path) -> Custody:
    return custody_in(tmp_path)


def test_of_two_sealers_one_makes_a_checkpoint(custody: Custody) -> None:
    async_to_sync(look_around)(2)
    first, second = snapshot(), custody.sealer()
    with first.transaction():
        # As another sealer that has not ended yet.
        first.execute("SELECT FROM public.audit_checkpoint")
        made = custody.sealer(lambda: first)._make()
        assert made is not None
        assert second.seal() == 4
        with pytest.raises(psycopg.errors.UniqueViolation), first.transaction():
            checkpoints.add(first, made)
    assert custody.sealer(lambda: first).seal() == 0
    second.close()
    first.close()

    assert custody.verify().findings == []


def test_whoever_is_second_goes_on(custody: Custody, monkeypatch: pytest.MonkeyPatch) -> None:
    async_to_sync(look_around)(2)
    sealer, make = custody.sealer(), seal.Sealer._make

    def make_late(late: seal.Sealer) -> Sealed | None:
        made = make(late)
        if late is sealer and not list(custody.witness.testimonies()):
            custody.seal()
        return made

    monkeypatch.setattr(seal.Sealer, "_make", make_late)

    assert sealer.seal_all() == 0
    assert len(list(custody.witness.testimonies())) == 1
    async_to_sync(look_around)(1)
    assert sealer.seal_all() == 2
    sealer.close()
    assert custody.verify().findings == []


def test_no_lock_that_others_can_take_stops_the_sealer(custody: Custody) -> None:
    async_to_sync(look_around)(2)
    with connect() as other, other.transaction():
        other.execute("SELECT pg_advisory_xact_lock(hashtextextended('audit.seal', 0))")
        other.execute("SET LOCAL ROLE dashtam_app")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), other.transaction():
            other.execute("LOCK TABLE public.audit_checkpoint IN ACCESS SHARE MODE")
        assert custody.seal() == 4


class TestWaiting:
    """A transaction that does not end holds up all that comes after it."""

    def test_is_told(self, custody: Custody, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(judging, "WAITS", timedelta(minutes=3))
        async_to_sync(look_around)(1)
        custody.seal()
        with connect() as running, running.transaction():
            running.execute("SELECT pg_current_xact_id()")
            write_some_minutes_ago(custody)
            with capture_logs() as logged:
                assert custody.seal() == 0
            assert [each["event"] for each in logged] == ["audit.waiting"]
            (finding,) = custody.verify().findings
            assert finding.kind.value == "entry-waiting"

        assert custody.seal() == 1
        assert custody.verify().findings == []

    def test_is_nothing_where_nobody_seals(
        self, custody: Custody, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(judging, "WAITS", timedelta(minutes=3))
        write_some_minutes_ago(custody)

        assert custody.verify().findings == []


def write_some_minutes_ago(custody: Custody) -> None:
    moment = datetime.now(UTC) - timedelta(minutes=4)
    entry = make_entry(id=id_of(moment), occurred_at=moment)
    with connect() as connection:
        connection.execute(INSERT.encode(), values_of(entry, custody.mac_keys()))

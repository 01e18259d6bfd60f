"""Lost commits are recorded once in the trail, and the witness misses nothing else."""

import dataclasses
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from adapters.audit import witness
from adapters.audit.findings import Report
from adapters.audit.histories import begin_history
from adapters.audit.witness import FileWitness, Fork
from adapters.persistence.plain import connect
from dashtam.container import container
from tests.adapters.audit.attack_steps import sql
from tests.adapters.audit.tools import AuditTools, audit_tools_in, live, look_around
from tests.postgres import cloned_database, pointing_django_at


@pytest.fixture
def audit(committing_database: str, tmp_path: Path) -> AuditTools:
    return audit_tools_in(tmp_path)


def work_and_seal(audit: AuditTools, times: int = 1) -> None:
    for _ in range(times):
        async_to_sync(look_around)(1)
        audit.seal()


def begin(audit: AuditTools, reason: str = "promotion") -> list[Fork]:
    records = list(audit.witness.records())
    return begin_history(reason, container.audit_trail, records, at=datetime.now(UTC))


def found(report: Report) -> list[tuple[str, int | None]]:
    return [(finding.kind.value, finding.checkpoint) for finding in report.findings]


@pytest.fixture
def promoted(committing_database: str, audit: AuditTools) -> Iterator[AuditTools]:
    """A standby that had received one checkpoint of three, and was promoted."""
    async_to_sync(live)()
    audit.seal()
    container.database.close()
    with cloned_database("dashtam_promoted"):
        with pointing_django_at(committing_database):
            work_and_seal(audit, 2)
            container.database.close()
        yield audit
        container.database.close()
        connections["default"].close()


class TestReadingTheWitness:
    def test_before_the_snapshot_misses_nothing_sealed_meanwhile(self, audit: AuditTools) -> None:
        class Busy(FileWitness):
            """After the query, and before anything else happens, another process seals."""

            def records(self) -> Iterator[witness.WitnessRecord]:
                yield from super().records()
                if threading.current_thread() is threading.main_thread():
                    sealing = threading.Thread(target=work_and_seal, args=(audit,))
                    sealing.start()
                    sealing.join()

        work_and_seal(audit)
        busy = dataclasses.replace(audit, witness=Busy(audit.witness._path))

        reports = [busy.verify() for _ in range(3)]

        assert [found(report) for report in reports] == [[], [], []]
        assert [report.checkpoints for report in reports] == [2, 3, 4]

    @pytest.mark.slow
    def test_at_any_time_during_concurrent_sealing(self, audit: AuditTools) -> None:
        stop = threading.Event()

        def seal() -> None:
            while not stop.wait(0.02):
                work_and_seal(audit)

        work_and_seal(audit)
        sealing = threading.Thread(target=seal)
        sealing.start()
        try:
            reports = [audit.verify() for _ in range(20)]
        finally:
            stop.set()
            sealing.join()

        assert [found(report) for report in reports] == [[]] * 20
        assert reports[-1].checkpoints > reports[0].checkpoints
        cut(audit, 1)
        last = reports[-1].checkpoints
        assert ("witness", max(each.number for each in audit.witness.records())) in found(
            audit.verify()
        )
        assert last > 1


def cut(audit: AuditTools, checkpoints: int) -> None:
    """Remove the last checkpoints behind the guards' backs."""
    with connect() as connection:
        sql(
            "DELETE FROM public.audit_checkpoint WHERE number >"
            f" (SELECT max(number) - {checkpoints} FROM public.audit_checkpoint)"
        )(connection, audit)


class TestALossyPromotion:
    def test_is_reported_until_it_is_recorded_and_sealed(self, promoted: AuditTools) -> None:
        assert found(promoted.verify()) == [("witness", 2), ("witness", 3)]

        (fork,) = begin(promoted)

        assert (fork.first, fork.last) == (2, 3)
        assert found(promoted.verify()) == [("witness", 2), ("witness", 3)]
        work_and_seal(promoted)
        report = promoted.verify()
        assert found(report) == []
        (note,) = report.notes
        assert note.startswith("history 2 began on ")
        assert note.endswith("(promotion); lost checkpoints: 2 to 3")

    def test_continues_with_numbers_that_the_witness_has_seen(self, promoted: AuditTools) -> None:
        begin(promoted)
        work_and_seal(promoted, 3)

        numbers = [each.number for each in promoted.witness.records()]
        assert numbers == [1, 2, 3, 2, 3, 4]
        assert found(promoted.verify()) == []

    def test_excuses_no_other_truncation(self, promoted: AuditTools) -> None:
        begin(promoted)
        work_and_seal(promoted, 3)

        cut(promoted, 1)

        assert found(promoted.verify()) == [("witness", 4)]

    def test_excuses_no_other_contradiction(self, promoted: AuditTools) -> None:
        begin(promoted)
        work_and_seal(promoted)
        # A chain of another history, signed by the same key.
        last = list(promoted.witness.records())[2]
        text = last.text.replace("entries 2", "entries 3")
        promoted.witness.add(dataclasses.replace(last, text=text))

        assert found(promoted.verify()) == [("witness", 3)]

    def test_may_happen_again(self, promoted: AuditTools) -> None:
        begin(promoted)
        work_and_seal(promoted)
        container.database.close()
        with cloned_database("dashtam_promoted_again"):
            with pointing_django_at("dashtam_promoted"):
                work_and_seal(promoted, 2)
                container.database.close()
            (fork,) = begin(promoted)
            work_and_seal(promoted)
            report = promoted.verify()
            container.database.close()

        assert (fork.first, fork.last) == (3, 4)
        assert found(report) == []
        assert len(report.notes) == 2

    def test_without_loss_records_nothing_lost(self, audit: AuditTools) -> None:
        work_and_seal(audit, 2)

        assert begin(audit) == []
        work_and_seal(audit)
        report = audit.verify()
        assert found(report) == []
        assert report.notes[0].endswith("lost checkpoints: none")


#: Changes to the guard's record that bypass the guard.
DEEDS = {
    "a history is added": "INSERT INTO guard.history SELECT 3, gen_random_uuid(), now(), 'restore'",
    "a history is gone": "DELETE FROM guard.history WHERE number = 2",
    "the first is gone": "DELETE FROM guard.history WHERE number = 1",
    "all are gone": "DELETE FROM guard.history",
    "another reason": "UPDATE guard.history SET reason = 'restore' WHERE number = 2",
    "another id": "UPDATE guard.history SET id = gen_random_uuid() WHERE number = 2",
    "another first id": "UPDATE guard.history SET id = gen_random_uuid() WHERE number = 1",
    "the entry is gone": "DELETE FROM public.audit_entry WHERE action = 'history.begun'",
    "no entry": "SELECT guard.begin_history('promotion')",
}


class TestTheRecord:
    @pytest.mark.parametrize("statement", DEEDS.values(), ids=DEEDS.keys())
    def test_follows_from_the_entries(self, audit: AuditTools, statement: str) -> None:
        begin(audit)
        assert found(audit.verify()) == []
        audit.seal()
        assert found(audit.verify()) == []

        with connect() as connection:
            sql(statement)(connection, audit)

        assert ("history", None) in found(audit.verify())

    def test_accepts_no_entry_from_outside_the_application(self, audit: AuditTools) -> None:
        begin(audit)
        with connect() as connection:
            sql("UPDATE public.audit_entry SET mac = sha256('')")(connection, audit)

        assert ("history", None) in found(audit.verify())


class TestCommands:
    def test_record_who_ran_them(self, audit: AuditTools, monkeypatch: pytest.MonkeyPatch) -> None:
        work_and_seal(audit)
        monkeypatch.setattr(settings, "AUDIT_WITNESS", str(audit.witness._path))

        call_command("audit", "begin-history", after="promotion")

        with connect() as connection:
            ((details, agent),) = connection.execute(
                "SELECT details, user_agent FROM public.audit_entry WHERE action = 'history.begun'"
            )
        assert (details["reason"], details["lost"]) == ("promotion", [])
        assert agent == "manage.py audit begin-history"

    def test_do_nothing_without_the_witness(
        self, audit: AuditTools, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "AUDIT_WITNESS", "http://127.0.0.1:1/")

        with pytest.raises(CommandError, match="Nothing was done"):
            call_command("audit", "begin-history", after="promotion")
        with pytest.raises(CommandError, match="Nothing was done"):
            call_command("audit", "adopt")

        with connect() as connection:
            assert connection.execute("SELECT count(*) FROM guard.history").fetchone() == (1,)

    def test_adopting_a_trail_starts_a_new_history(self, audit: AuditTools) -> None:
        work_and_seal(audit)

        call_command("audit", "adopt")

        audit.seal()
        report = audit.verify()
        assert found(report) == []
        assert "(restore)" in report.notes[0]

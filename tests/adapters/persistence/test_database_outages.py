"""An outage of the database is reported as one, and work resumes by itself."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DataError, IntegrityError, InternalError, OperationalError, connections
from django.db.transaction import TransactionManagementError, atomic

from adapters.persistence.database import worker
from adapters.persistence.failures import is_outage
from domain.shared.errors import Busy, ConcurrencyConflict, OutcomeUnknown, Unavailable
from domain.shared.result import Failure, Success
from tests.adapters.persistence.scratch import Note, Notes, Scratch, query, until

NOT_AVAILABLE = Failure(Unavailable("The database is not available."))
BUSY = Failure(Busy("Timed out waiting for another request. Nothing was changed. Try again."))


@pytest.fixture
def notes(scratch: Scratch) -> Notes:
    return Notes(scratch.database)


@pytest.fixture
def unreachable(scratch: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No server answers at the address that Django knows."""
    settings = connections["default"].settings_dict
    monkeypatch.setitem(settings, "HOST", str(tmp_path))
    monkeypatch.setitem(settings, "PORT", "5432")
    monkeypatch.setitem(settings, "OPTIONS", {**settings["OPTIONS"], "host": str(tmp_path)})


@pytest.fixture
def read_only(scratch: Scratch) -> Iterator[None]:
    """The database is read-only, and says so when a client connects."""
    scratch.beside.execute("ALTER DATABASE dashtam_scratch SET default_transaction_read_only = on")
    yield
    scratch.beside.execute("ALTER DATABASE dashtam_scratch RESET default_transaction_read_only")


class TestLostConnections:
    async def use_several(self, scratch: Scratch, name: str) -> None:
        async def write(number: int) -> None:
            async with scratch.database.transaction():
                await scratch.add(f"{name} {number}")
                await asyncio.sleep(0.01)

        await asyncio.gather(*map(write, range(10)))

    async def test_while_idle_are_replaced_silently(self, scratch: Scratch) -> None:
        await self.use_several(scratch, "before")
        scratch.terminate()
        await self.use_several(scratch, "after")
        scratch.terminate()

        assert len(await scratch.texts()) == 20

    async def test_after_a_pause_are_found_by_a_check(
        self, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(worker, "PING_AFTER_SECONDS", 0.0)
        before = await scratch.pid()
        assert await scratch.pid() == before

        scratch.terminate()

        assert await scratch.pid() != before

    async def test_in_a_transaction_roll_it_back(self, scratch: Scratch, notes: Notes) -> None:
        with pytest.raises(OutcomeUnknown):
            async with scratch.database.transaction():
                await scratch.add("a")
                scratch.terminate()
                answer = await notes.ask(Note.objects.count)
                assert answer == NOT_AVAILABLE

        assert scratch.committed() == set()
        await self.use_several(scratch, "after")

    async def test_in_a_transaction_preserve_the_error_that_ends_it(self, scratch: Scratch) -> None:
        with pytest.raises(OperationalError) as caught:
            async with scratch.database.transaction():
                await scratch.add("a")
                scratch.terminate()
                await scratch.add("b")

        assert is_outage(caught.value)
        assert scratch.committed() == set()

    async def test_before_the_commit_leave_its_outcome_unknown(self, scratch: Scratch) -> None:
        with pytest.raises(OutcomeUnknown, match="did not confirm the COMMIT"):
            async with scratch.database.transaction():
                await scratch.add("a")
                scratch.terminate()

        await scratch.add("b")
        assert scratch.committed() == {"b"}

    async def test_before_a_rollback_change_nothing(self, scratch: Scratch) -> None:
        async with scratch.database.transaction() as tx:
            await scratch.add("a")
            scratch.terminate()
            tx.set_rollback()

        assert scratch.committed() == set()


class TestUnreachableServer:
    async def test_interrupts_a_transaction(self, scratch: Scratch, unreachable: None) -> None:
        with pytest.raises(OutcomeUnknown, match="not available"):
            async with scratch.database.transaction():
                await scratch.add("never")

        assert scratch.database.state.leased == 0

    async def test_makes_a_repository_unavailable(self, notes: Notes, unreachable: None) -> None:
        assert await notes.ask(Note.objects.count) == NOT_AVAILABLE

    async def test_fails_the_check(self, scratch: Scratch, unreachable: None) -> None:
        assert not await scratch.database.check_connection()

    async def test_is_used_again_once_it_recovers(
        self, scratch: Scratch, notes: Notes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings = connections["default"].settings_dict
        with monkeypatch.context() as outage:
            outage.setitem(settings, "OPTIONS", {**settings["OPTIONS"], "port": "1"})
            scratch.terminate()
            assert not await scratch.database.check_connection()

        assert await scratch.database.check_connection()
        assert await notes.ask(Note.objects.count) == Success(0)


class TestFailures:
    @pytest.mark.parametrize(
        ("setting", "statement"),
        [
            ("statement_timeout", "SELECT pg_sleep(60)"),
            ("lock_timeout", "LOCK TABLE scratch_note"),
        ],
    )
    async def test_a_statement_timeout_is_no_outage(
        self, scratch: Scratch, notes: Notes, setting: str, statement: str
    ) -> None:
        def wait() -> object:
            return query(f"SET {setting} = '50ms'", "BEGIN", statement, "SELECT 1")

        with scratch.beside.transaction():
            scratch.beside.execute("LOCK TABLE scratch_note")

            assert await notes.ask(wait) == BUSY

    async def test_an_idle_transaction_timeout_is_an_outage(
        self, scratch: Scratch, notes: Notes
    ) -> None:
        with pytest.raises(OutcomeUnknown):
            async with scratch.database.transaction():
                await scratch.database.run(
                    query, "SELECT set_config('idle_in_transaction_session_timeout', '20', true)"
                )
                await until(lambda: scratch.backends() == 0)
                assert await notes.ask(Note.objects.count) == NOT_AVAILABLE

    async def test_a_conflict_of_transactions_is_raised(
        self, scratch: Scratch, notes: Notes
    ) -> None:
        await scratch.add("a")

        with pytest.raises(ConcurrencyConflict):
            async with scratch.database.transaction():
                await scratch.database.run(
                    query, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SELECT 1"
                )
                assert await scratch.texts() == {"a"}
                scratch.beside.execute("UPDATE scratch_note SET text = 'b'")
                await notes.ask(lambda: Note.objects.update(text="c"))

    async def test_a_refused_row_is_raised_with_its_constraint(
        self, scratch: Scratch, notes: Notes
    ) -> None:
        await scratch.add("a")

        with pytest.raises(IntegrityError, match="scratch_note_text_key"):
            await notes.ask(lambda: Note.objects.create(text="a"))

    async def test_a_defect_is_raised(self, scratch: Scratch, notes: Notes) -> None:
        with pytest.raises(ZeroDivisionError):
            await notes.ask(lambda: 1 // 0)

        assert await scratch.database.check_connection()


class TestLog:
    @pytest.fixture
    def log(self, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
        caplog.set_level("DEBUG", "adapters.persistence.database")
        return caplog

    async def test_names_the_operation_and_its_place(
        self, notes: Notes, log: pytest.LogCaptureFixture
    ) -> None:
        await notes.ask(Note.objects.count)

        connected, done = reported(log)
        assert connected["event"] == "database.connected"
        assert connected["database"] == "dashtam_scratch"
        assert done["event"] == "database.done"
        assert done["level"] == "debug"
        assert done["operation"] == "Notes.ask"
        assert done["duration_ms"] > 0

    async def test_names_the_failure(self, notes: Notes, log: pytest.LogCaptureFixture) -> None:
        with pytest.raises(DataError, match="division"):
            await notes.ask(lambda: query("SELECT 1/0"))

        failed = reported(log)[-1]
        assert failed["event"] == "database.failed"
        assert failed["level"] == "error"
        assert failed["operation"] == "Notes.ask"
        assert (failed["error"], failed["sqlstate"]) == ("DataError", "22012")

    async def test_has_no_credentials(
        self,
        scratch: Scratch,
        notes: Notes,
        log: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        settings = connections["default"].settings_dict
        with monkeypatch.context() as wrong:
            wrong.setitem(settings, "USER", "nobody-in-particular")
            wrong.setitem(settings, "PASSWORD", "swordfish")
            assert await notes.ask(Note.objects.count) == NOT_AVAILABLE
        await scratch.add("private")
        with pytest.raises(IntegrityError):
            await scratch.add("private")
        scratch.terminate()
        await scratch.texts()

        assert len(reported(log)) >= 4
        secrets = ["nobody-in-particular", "swordfish", "private", settings["PASSWORD"]]
        assert [secret for secret in secrets if secret and secret in log.text] == []


def reported(log: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Return the parameters that the database reported."""
    records = (record for record in log.records if record.name.startswith("adapters.persistence"))
    return [record.msg for record in records if isinstance(record.msg, dict)]


class TestReadOnlyServers:
    """A standby, or a primary that was made read-only: elsewhere there may be one that does."""

    async def test_refusing_a_write_is_an_outage(self, scratch: Scratch, notes: Notes) -> None:
        def write() -> object:
            query("SET default_transaction_read_only = on", "SELECT 1")
            return Note.objects.create(text="never")

        assert await notes.ask(write) == NOT_AVAILABLE
        assert scratch.committed() == set()

    async def test_are_left_after_a_refused_write(self, scratch: Scratch, notes: Notes) -> None:
        def write() -> object:
            return query(
                "SET TRANSACTION READ ONLY", "INSERT INTO scratch_note (text) VALUES ('x')"
            )

        before = await scratch.pid()
        with pytest.raises(TransactionManagementError):
            async with scratch.database.transaction():
                assert await notes.ask(write) == NOT_AVAILABLE

        assert await scratch.pid() != before

    async def test_are_left_when_they_report_it(self, scratch: Scratch) -> None:
        before = await scratch.pid()
        await scratch.database.run(query, "SET default_transaction_read_only = on", "SELECT 1")

        assert await scratch.pid() != before

    async def test_are_not_connected_to(
        self, scratch: Scratch, notes: Notes, read_only: None
    ) -> None:
        assert not await scratch.database.check_connection()
        assert await notes.ask(Note.objects.count) == NOT_AVAILABLE
        with pytest.raises(OutcomeUnknown):
            async with scratch.database.transaction():
                await scratch.sleep(0)
        assert scratch.database.state.leased == 0

    async def test_are_found_by_the_check_of_an_open_connection(self, scratch: Scratch) -> None:
        def check() -> bool:
            query("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "SELECT 1")
            return scratch.database._ping()

        assert await scratch.database.check_connection()
        assert not await scratch.database.run(check)

    def test_are_left_by_djangos_own_connections(self, committing_database: str) -> None:
        own = connections["default"]
        own.close()
        before = query("SELECT pg_backend_pid()")
        with pytest.raises(InternalError, match="read-only transaction"), atomic():
            query("SET TRANSACTION READ ONLY", "DELETE FROM limits_bucket")
        # As Django does before each request.
        own.close_if_unusable_or_obsolete()

        assert query("SELECT pg_backend_pid()") != before

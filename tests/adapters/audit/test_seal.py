"""Every committed entry is sealed exactly once, and no rolled back one is."""

import asyncio
import json
import random
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psycopg
import pytest
from asgiref.sync import async_to_sync

from adapters.audit import sealer
from adapters.audit.histories import adopt, record_histories
from adapters.audit.mac import MacKeys
from adapters.audit.sealer import NoGenuineEntry, RestoredElsewhere
from adapters.audit.trail import INSERT, values_of
from adapters.audit.witness import FileWitness, HttpWitness, witness_at
from adapters.persistence.plain import connect
from dashtam.container import container
from tests.adapters.audit.forging import forge
from tests.adapters.audit.tools import AuditTools, audit_tools_in, live, look_around
from tests.factories import make_entry
from tests.lanes import SEED, many

pytestmark = pytest.mark.usefixtures("committing_database")

WRITERS = many(8, 16)
EACH = many(25, 400)


@pytest.fixture
def audit(tmp_path: Path) -> AuditTools:
    return audit_tools_in(tmp_path)


def counted(statement: str) -> int:
    with connect() as connection:
        row = connection.execute(statement.encode()).fetchone()
        return int(row[0]) if row else 0


def sealed() -> int:
    return counted("SELECT coalesce(sum(entries), 0) FROM public.audit_checkpoint")


def committed() -> int:
    return counted("SELECT count(*) FROM public.audit_entry")


def test_sealing_twice_adds_nothing(audit: AuditTools) -> None:
    assert audit.seal() == 0
    async_to_sync(live)()

    assert audit.seal() == committed() > 3
    assert audit.seal() == 0
    assert audit.verify().findings == []


def test_a_running_transaction_delays_sealing(audit: AuditTools) -> None:
    async_to_sync(look_around)(1)
    with connect() as running, running.transaction():
        running.execute("SELECT pg_current_xact_id()")
        async_to_sync(look_around)(1)
        assert audit.seal() == 2
    assert audit.seal() == 2


def test_checkpoints_end_between_transactions(
    audit: AuditTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer, "MOST_ENTRIES", 3)
    async_to_sync(look_around)(5)
    async_to_sync(_one_large_transaction)(10)

    assert audit.seal() == 20
    with connect() as connection:
        rows = connection.execute("SELECT entries FROM public.audit_checkpoint ORDER BY number")
        assert [entries for (entries,) in rows] == [2, 2, 2, 2, 2, 10]
    report = audit.verify()
    assert (report.findings, report.checkpoints, report.entries) == ([], 6, 20)


async def _one_large_transaction(entries: int) -> None:
    await container.audit_trail.append(*(make_entry() for _ in range(entries)))


def test_entries_committed_out_of_order_are_sealed_once(audit: AuditTools) -> None:
    """Writers commit in any order, and some roll back, while a sealer seals."""
    stop = threading.Event()
    sealer = threading.Thread(target=_seal_until, args=(audit, stop))
    sealer.start()
    try:
        written = async_to_sync(_write_at_random)(random.Random(SEED))
    finally:
        stop.set()
        sealer.join()
    audit.seal()

    assert written == committed() == sealed(), f"seed {SEED}"
    assert audit.verify().findings == []


def _seal_until(audit: AuditTools, stop: threading.Event) -> None:
    sealer = audit.sealer()
    while not stop.wait(0.01):
        sealer.seal_all()
    sealer.close()


async def _write_at_random(chance: random.Random) -> int:
    async def write(number: int) -> int:
        written = 0
        for _ in range(EACH):
            async with container.database.transaction() as transaction:
                await container.audit_trail.append(make_entry())
                await asyncio.sleep(chance.random() / 50)
                if chance.random() < 0.15:
                    transaction.set_rollback()
                else:
                    written += 1
        return written

    return sum(await asyncio.gather(*map(write, range(WRITERS))))


@pytest.mark.parametrize("number", [1, 3, 2**63 - 1])
def test_a_checkpoint_continues_the_previous_one(audit: AuditTools, number: int) -> None:
    async_to_sync(look_around)(1)
    audit.seal()
    columns = "first_xid, end_xid, entries, total, root, sealed_at, key_id, signature, ids, leaves"
    with connect() as connection:
        connection.execute("SET ROLE dashtam_sealer")
        with pytest.raises(psycopg.IntegrityError, match="does not follow"):
            connection.execute(
                f"INSERT INTO public.audit_checkpoint (number, previous, {columns})"
                f" SELECT %s, sha256('x'), {columns} FROM public.audit_checkpoint".encode(),
                (number,),
            )


def test_a_restored_trail_is_not_sealed_until_it_is_adopted(audit: AuditTools) -> None:
    async_to_sync(look_around)(2)
    audit.seal()
    with connect() as connection:
        # As in a server that starts counting again.
        connection.execute("UPDATE guard.state SET xid_offset = -1000000000")
    with pytest.raises(RestoredElsewhere, match="audit adopt"):
        audit.seal()

    with connect() as connection:
        connection.execute("UPDATE guard.state SET xid_offset = 0")
        adopt(connection, audit.mac_keys(), at=container.ports.clock.now())
    record_histories(container.audit_trail, [], at=datetime.now(UTC))
    async_to_sync(look_around)(2)
    assert audit.seal() == 6
    assert audit.verify().findings == []


class TestForgedEntries:
    def test_are_refused_and_the_others_are_sealed(self, audit: AuditTools) -> None:
        async_to_sync(look_around)(1)
        forge(2)
        async_to_sync(look_around)(1)
        unsealed = {finding.row for finding in audit.verify().findings}
        sealer = audit.sealer()

        assert (sealer.seal_all(), sealer.refused) == (4, 2)

        sealer.close()
        report = audit.verify()
        assert {finding.kind.value for finding in report.findings} == {"entry-mac"}
        assert {finding.row for finding in report.findings} == unsealed
        assert [finding.checkpoint for finding in report.findings] == [1, 1]
        without = audit.verify(with_keys=False)
        assert (len(without.findings), without.unproven) == (2, 4)

    def test_that_cannot_be_decoded_are_refused_too(self, audit: AuditTools) -> None:
        forge(details="[" * 5000 + "]" * 5000)
        forge(details="1" + "0" * 9000)
        async_to_sync(look_around)(1)

        assert audit.seal() == 2
        assert len(audit.verify().findings) == 2

    @pytest.mark.parametrize("details", ["[1e131000]", '"' + "x" * 65536 + '"'])
    def test_of_any_length_do_not_stop_sealing(self, audit: AuditTools, details: str) -> None:
        # Eight bytes of JSON, and so many of text that none could be read.
        with pytest.raises(psycopg.errors.CheckViolation, match="details"):
            forge(details=details)
        async_to_sync(look_around)(1)

        assert audit.seal() == 2
        assert audit.verify().findings == []

    def test_are_missed_once_the_sealer_has_seen_them(self, audit: AuditTools) -> None:
        forge()
        async_to_sync(look_around)(1)
        audit.seal()
        with connect() as connection:
            connection.execute("UPDATE guard.state SET armed = false")
            for table in ("audit_entry", f"audit_entry_{container.ports.clock.now().year}"):
                connection.execute(f"ALTER TABLE public.{table} DISABLE TRIGGER ALL".encode())
            connection.execute("DELETE FROM public.audit_entry WHERE action = 'user.delete'")

        kinds = {finding.kind.value for finding in audit.verify().findings}

        assert kinds == {"entry-gone", "posture"}

    def test_alone_wait_for_a_genuine_entry(
        self, audit: AuditTools, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sealer, "MOST_ENTRIES", 3)
        forge(10)
        with pytest.raises(NoGenuineEntry, match="None of the 10 entries"):
            audit.seal()
        assert {finding.kind.value for finding in audit.verify().findings} == {"entry-mac"}

        async_to_sync(look_around)(1)

        assert audit.seal() == 2
        assert len(audit.verify().findings) == 10

    def test_are_not_caused_by_a_sealer_with_an_old_key(
        self, audit: AuditTools, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        old = audit.mac_keys()
        async_to_sync(look_around)(2)
        monkeypatch.setattr(audit, "mac_keys", lambda: MacKeys({"k9": bytes(32)}))
        with pytest.raises(NoGenuineEntry):
            audit.seal()

        monkeypatch.setattr(audit, "mac_keys", lambda: old)
        assert audit.seal() == 4
        assert audit.verify().findings == []

    def test_stay_refused_after_a_key_would_verify_them(
        self, audit: AuditTools, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # A sealer with only the new key, while another process still writes with the old one.
        old, new = audit.mac_keys().keys, {"k9": bytes(32)}
        async_to_sync(look_around)(1)
        entry = make_entry()
        with connect() as connection:
            connection.execute(INSERT.encode(), values_of(entry, MacKeys(new)))
        monkeypatch.setattr(audit, "mac_keys", lambda: MacKeys(new))
        assert audit.seal() == 1

        monkeypatch.setattr(audit, "mac_keys", lambda: MacKeys({**new, **old}))
        report = audit.verify()
        assert (report.findings, report.unsealed, report.entries) == ([], 2, 3)


class TestWitness:
    def test_receives_every_checkpoint(self, audit: AuditTools) -> None:
        for _ in range(3):
            async_to_sync(look_around)(1)
            audit.seal()

        assert [each.number for each in audit.witness.records()] == [1, 2, 3]

    def test_receives_checkpoints_it_missed(self, audit: AuditTools, tmp_path: Path) -> None:
        audit.witness = FileWitness(tmp_path / "missing" / "witness.jsonl")
        sealer = audit.sealer()
        async_to_sync(look_around)(1)
        assert sealer.seal() == 2
        assert list(audit.witness.records()) == []

        (tmp_path / "missing").mkdir()
        assert sealer.seal() == 0
        sealer.close()

        assert [each.number for each in audit.witness.records()] == [1]

    def test_may_run_on_another_machine(self, audit: AuditTools, recorded: "list[str]") -> None:
        with HTTPServer(("127.0.0.1", 0), _keeping(recorded)) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            address = f"http://127.0.0.1:{server.server_port}/"
            audit.witness = HttpWitness(address)  # type: ignore[assignment]
            async_to_sync(look_around)(1)
            audit.seal()
            async_to_sync(look_around)(1)
            audit.seal()

            assert [json.loads(line)["number"] for line in recorded] == [1, 2]
            assert audit.verify().findings == []
            recorded[1] = recorded[1].replace("number 2", "number 3")
            assert [finding.kind for finding in audit.verify().findings] == ["witness"]
            server.shutdown()
            thread.join()

    def test_is_set_by_a_setting(self) -> None:
        assert isinstance(witness_at("https://witness.example/"), HttpWitness)
        assert isinstance(witness_at("witness.jsonl"), FileWitness)
        assert witness_at("") is None


@pytest.fixture
def recorded() -> list[str]:
    return []


def _keeping(lines: list[str]) -> type[BaseHTTPRequestHandler]:
    class Notary(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            lines.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self._answer("")

        def do_GET(self) -> None:
            self._answer("".join(lines))

        def log_message(self, *arguments: object) -> None:
            """Tests are silent."""

        def _answer(self, body: str) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body.encode())

    return Notary


def test_an_entry_with_a_wrong_time_is_refused() -> None:
    statement = """
        INSERT INTO public.audit_entry (id, action, actor_kind, resource_type, result, occurred_at,
            trace_id, user_agent, details, mac)
        VALUES (uuidv7(%s::interval), 'a.b', 'system', 'user', 'success', now(), '', '', '{}',
            sha256('x'))
    """
    with connect() as connection:
        for shift in ("-6 minutes", "6 minutes"):
            with pytest.raises(psycopg.DataError, match="not the time of this server"):
                connection.execute(statement, (shift,))
        connection.execute(statement, ("4 minutes",))

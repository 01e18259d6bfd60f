"""The commands that seal, verify, export and extend the audit trail."""

import json
import re
from base64 import b64encode
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.management import CommandError, call_command

from adapters.audit import years
from adapters.persistence.plain import connect
from dashtam import keys
from domain.shared.ids import new_id
from tests.adapters.audit.forging import forge as insert_forged
from tests.adapters.audit.tools import live, look_around
from tests.adapters.audit.years import OLD, with_an_old_year

Output = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("committing_database")


@pytest.fixture(autouse=True)
def witness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "witness.jsonl"
    monkeypatch.setattr(settings, "AUDIT_WITNESS", str(path))
    return path


@pytest.fixture
def sealed() -> None:
    async_to_sync(live)()
    call_command("audit", "seal")


def forge() -> str:
    """Change an entry behind the guards' backs; return its id."""
    with connect() as connection:
        connection.execute("UPDATE guard.state SET armed = false")
        connection.execute("ALTER TABLE public.audit_entry DISABLE TRIGGER ALL")
        connection.execute(
            "DO $$ BEGIN EXECUTE format('ALTER TABLE public.audit_entry_%s DISABLE TRIGGER ALL',"
            " extract(year FROM now())); END $$"
        )
        row = connection.execute(
            "UPDATE public.audit_entry SET action = 'x.y' WHERE action = 'user.registered'"
            " RETURNING id"
        ).fetchone()
    assert row is not None
    return str(row[0])


class TestSealing:
    def test_reports_the_number_of_entries(self, witness: Path, capsys: Output) -> None:
        async_to_sync(look_around)(3)

        call_command("audit", "seal")
        call_command("audit", "seal")

        assert capsys.readouterr().out == "6 entries sealed.\n0 entries sealed.\n"
        assert len(witness.read_text().splitlines()) == 1

    def test_fails_on_a_forged_entry_and_seals_the_others(self, capsys: Output) -> None:
        insert_forged()
        with pytest.raises(CommandError, match="None of the 1 entries"):
            call_command("audit", "seal")
        async_to_sync(look_around)(1)

        with pytest.raises(CommandError, match="1 entries were refused"):
            call_command("audit", "seal")
        call_command("audit", "seal")

        assert capsys.readouterr().out == "2 entries sealed.\n0 entries sealed.\n"
        with pytest.raises(CommandError, match="1 findings"):
            call_command("audit", "verify")

    def test_of_a_restored_trail_is_refused(self, sealed: None) -> None:
        with connect() as connection:
            connection.execute("UPDATE guard.state SET xid_offset = -1000000000")

        with pytest.raises(CommandError, match="audit adopt"):
            call_command("audit", "seal")

        with pytest.raises(CommandError, match="the trail is not intact"):
            call_command("audit", "verify")
        call_command("audit", "adopt")
        call_command("audit", "seal")
        call_command("audit", "verify")


class TestVerifying:
    def test_reports_that_everything_verifies(self, sealed: None, capsys: Output) -> None:
        async_to_sync(look_around)(1)

        call_command("audit", "verify")

        assert "all intact" in capsys.readouterr().out

    def test_lists_what_does_not_verify(self, sealed: None, capsys: Output) -> None:
        row = forge()

        with pytest.raises(CommandError, match="the trail is not intact"):
            call_command("audit", "verify")

        output = capsys.readouterr().out
        assert "entry-changed" in output
        assert row in output.replace("\n", "")

    def test_prints_json(self, sealed: None, capsys: Output) -> None:
        call_command("audit", "verify", "--json")
        clean = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert (clean["clean"], clean["findings"], clean["checkpoints"]) == (True, [], 1)
        row = forge()

        with pytest.raises(CommandError):
            call_command("audit", "verify", "--json")

        output = json.loads(capsys.readouterr().out.splitlines()[-1])
        changed = [each for each in output["findings"] if each["kind"] == "entry-changed"]
        assert [each["row"] for each in changed] == [row]

    def test_can_be_limited_to_a_period(self, sealed: None, capsys: Output) -> None:
        call_command("audit", "verify", "--since", "2000-01-01", "--until", "2100-01-01")
        call_command("audit", "verify", "--until", "2001-01-01T00:00:00+02:00")

        output = capsys.readouterr().out.replace("\n", " ")
        assert "1 checkpoints: all intact" in output
        assert "0 entries, 0 checkpoints" in output

    def test_without_entry_keys_lists_what_is_unproven(
        self, sealed: None, capsys: Output, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async_to_sync(look_around)(1)
        public = keys.make()["AUDIT_PUBLIC_KEYS"]
        keys_text = ",".join(f"{key_id}:{_text(key)}" for key_id, key in _public().items())
        monkeypatch.setattr(settings, "AUDIT_PUBLIC_KEYS", [*keys_text.split(","), public])
        monkeypatch.setattr(settings, "PRODUCTION", True)

        call_command("audit", "verify")

        output = " ".join(capsys.readouterr().out.split())
        assert re.search(
            r"\d+ entries not checked: AUDIT_MAC_KEYS is not set; the rest is intact", output
        )
        assert "all intact" not in output


def _public() -> Any:
    return keys.of("AUDIT_PUBLIC_KEYS")


def _text(key: bytes) -> str:
    return b64encode(key).decode()


class TestEvidence:
    def entry(self) -> str:
        with connect() as connection:
            row = connection.execute("SELECT id FROM public.audit_entry LIMIT 1").fetchone()
            assert row is not None
            return str(row[0])

    def test_is_printed(self, sealed: None, capsys: Output) -> None:
        call_command("audit", "evidence", self.entry())

        found = json.loads(_after_brace(capsys.readouterr().out))
        assert json.loads(found["entry"])["id"] == self.entry()

    def test_of_one_row_is_verified(self, sealed: None, capsys: Output) -> None:
        call_command("audit", "verify", "--row", self.entry())
        assert "proved: under checkpoint 1" in capsys.readouterr().out.replace("\n", " ")

        row = forge()
        with pytest.raises(CommandError, match="not as it was sealed"):
            call_command("audit", "verify", "--row", row)
        with pytest.raises(CommandError, match="not as it was sealed"):
            call_command("audit", "evidence", row)

    def test_of_an_empty_trail_is_refused(self, sealed: None) -> None:
        with pytest.raises(CommandError, match="no such entry"):
            call_command("audit", "evidence", str(new_id()))


def _after_brace(expected: str) -> str:
    return expected[expected.index("{") :]


class TestExport:
    def test_writes_an_archive(self, sealed: None, tmp_path: Path, capsys: Output) -> None:
        path = tmp_path / "trail.zip"

        call_command("audit", "export", str(path))

        assert "SHA-256" in capsys.readouterr().out
        with ZipFile(path) as archive:
            assert "verify.py" in archive.namelist()
        with pytest.raises(CommandError, match="already"):
            call_command("audit", "export", str(path))

    def test_of_a_missing_entry_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="No checkpoint"):
            call_command("audit", "export", str(tmp_path / "x.zip"), "--year", "2001")

    def test_allows_a_year_to_be_retired(self, tmp_path: Path, capsys: Output) -> None:
        with_an_old_year(3)
        call_command("audit", "seal")
        path = tmp_path / "old.zip"
        call_command("audit", "export", str(path), "--year", str(OLD))

        call_command("audit", "retire", str(OLD), "--export", str(path))

        assert f"{OLD} is retired: 3 entries" in capsys.readouterr().out
        with pytest.raises(CommandError):
            call_command("audit", "retire", str(OLD), "--export", str(path))


class TestYears:
    def test_are_created_in_advance(self, capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
        call_command("audit", "extend")
        assert capsys.readouterr().out == ""

        monkeypatch.setattr(years, "datetime", _In2031)
        with pytest.raises(CommandError, match="no partition for 2031, 2032"):
            call_command("audit", "extend", "--check")
        call_command("audit", "extend")

        assert capsys.readouterr().out == "2031 was added.\n2032 was added.\n"
        call_command("audit", "extend", "--check")


class _In2031:
    """A calendar some years ahead."""

    year = 2031

    @classmethod
    def now(cls, zone: object) -> "_In2031":
        return cls()

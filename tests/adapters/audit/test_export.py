"""What leaves the trail can be proved without it."""

import json
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from asgiref.sync import async_to_sync
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from adapters.audit.export import (
    SCRIPT,
    Exporter,
    ForgedEntry,
    NoInclusionProof,
    NothingToExport,
    inclusion_proof,
)
from adapters.audit.mac import MacKeys
from adapters.audit.years import NotRetired, retire
from adapters.persistence.plain import connect
from dashtam.container import container
from domain.shared.ids import new_id
from tests.adapters.audit.forging import forge
from tests.adapters.audit.tools import (
    AuditTools,
    audit_tools_in,
    live,
    look_around,
    new_key,
    snapshot,
)
from tests.adapters.audit.years import OLD, with_an_old_year

pytestmark = pytest.mark.usefixtures("committing_database")


@pytest.fixture
def audit(tmp_path: Path) -> AuditTools:
    return audit_tools_in(tmp_path)


@pytest.fixture
def archive(audit: AuditTools, tmp_path: Path) -> Path:
    async_to_sync(live)()
    audit.seal()
    async_to_sync(look_around)(3)
    audit.seal()
    return export(audit, tmp_path / "trail.zip")


def export(audit: AuditTools, path: Path, year: int | None = None) -> Path:
    Exporter(snapshot, audit.key, audit.mac_keys()).export(path, year)
    return path


def verify(path: Path, audit: AuditTools, script: Path = SCRIPT) -> tuple[int, str]:
    """Run the script like an auditor who has nothing of Dashtam."""
    raw = audit.key.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key = f"{audit.key.key_id}:{b64encode(raw).decode()}"
    ended = subprocess.run(
        [sys.executable, "-I", script, path, key],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


class TestArchive:
    @pytest.mark.slow
    def test_is_verified_by_its_own_script(self, audit: AuditTools, archive: Path) -> None:
        with ZipFile(archive) as opened:
            script = Path(opened.extract("verify.py", archive.parent))
            lines = opened.read("entries.jsonl").decode().splitlines()

        code, report = verify(archive, audit, script)

        assert (code, report) == (
            0,
            f"proved: {len(lines)} entries under checkpoints 1 to 2\n",
        )
        assert json.loads(lines[0])["action"] == "user.registered"

    @pytest.mark.slow
    @pytest.mark.parametrize("name", ["entries.jsonl", "checkpoints.jsonl", "verify.py"])
    def test_cannot_be_changed_unnoticed(self, audit: AuditTools, archive: Path, name: str) -> None:
        changed = rewritten(archive, name, lambda data: data.replace(b"a", b"e", 1))

        code, report = verify(changed, audit)

        assert (code, report.startswith("WRONG: ")) == (1, True)

    @pytest.mark.slow
    @pytest.mark.parametrize("name", ["manifest.json", "manifest.sig"])
    def test_has_a_manifest_that_cannot_be_changed_unnoticed(
        self, audit: AuditTools, archive: Path, name: str
    ) -> None:
        changed = rewritten(archive, name, lambda data: data.swapcase())

        assert verify(changed, audit)[0] == 1

    @pytest.mark.slow
    def test_cannot_be_truncated_unnoticed(self, audit: AuditTools, archive: Path) -> None:
        cut = rewritten(
            archive, "checkpoints.jsonl", lambda data: data.splitlines(keepends=True)[0]
        )

        assert verify(cut, audit)[0] == 1

    @pytest.mark.slow
    def test_lists_refused_entries_without_their_content(
        self, audit: AuditTools, tmp_path: Path
    ) -> None:
        forge()
        async_to_sync(look_around)(1)
        audit.seal()
        archive = export(audit, tmp_path / "trail.zip")

        code, report = verify(archive, audit)

        assert (code, report) == (
            0,
            "proved: 2 entries under checkpoints 1 to 1;"
            " 1 more were refused when they were sealed\n",
        )
        with ZipFile(archive) as opened:
            assert b"user.delete" not in opened.read("entries.jsonl")
        other = rewritten(
            archive,
            "checkpoints.jsonl",
            lambda data: data.replace(b'"refused": "', b'"refused": "AA'),
        )
        assert verify(other, audit)[0] == 1

    def test_is_refused_over_a_forged_entry(
        self, audit: AuditTools, archive: Path, tmp_path: Path
    ) -> None:
        audit.mac_keys = lambda: MacKeys({"k9": bytes(32)})  # type: ignore[method-assign]

        with pytest.raises(ForgedEntry, match="keyed hash is wrong"):
            export(audit, tmp_path / "forged.zip")

        assert not (tmp_path / "forged.zip").exists()

    @pytest.mark.slow
    def test_is_accepted_only_with_the_right_key(self, audit: AuditTools, archive: Path) -> None:
        audit.key = new_key("k1")

        code, report = verify(archive, audit)

        assert (code, report) == (1, "WRONG: its signature by k1 does not hold\n")

    def test_needs_sealed_entries(self, audit: AuditTools, tmp_path: Path) -> None:
        async_to_sync(look_around)(1)

        with pytest.raises(NothingToExport):
            export(audit, tmp_path / "nothing.zip")

    @pytest.mark.slow
    def test_an_invalid_file_is_reported(self, audit: AuditTools, tmp_path: Path) -> None:
        path = tmp_path / "nonsense.zip"
        path.write_bytes(b"nonsense")

        assert verify(path, audit)[0] == 1


def rewritten(archive: Path, name: str, change: Any) -> Path:
    """Copy an archive with one file changed."""
    path = archive.with_name("changed.zip")
    with ZipFile(archive) as old, ZipFile(path, "w") as new:
        for each in old.namelist():
            data = old.read(each)
            changed = change(data) if each == name else data
            assert each != name or changed != data
            new.writestr(each, changed)
    return path


class TestEvidence:
    def found(self, audit: AuditTools) -> dict[str, Any]:
        async_to_sync(look_around)(20)
        audit.seal()
        with connect() as connection:
            row = connection.execute("SELECT id FROM public.audit_entry OFFSET 17").fetchone()
            assert row is not None
            return inclusion_proof(connection, row[0], audit.mac_keys())

    @pytest.mark.slow
    def test_proves_one_entry(self, audit: AuditTools, tmp_path: Path) -> None:
        found = self.found(audit)
        path = tmp_path / "evidence.json"
        path.write_text(json.dumps(found))

        code, report = verify(path, audit)

        assert code == 0
        assert report.startswith("proved: under checkpoint 1, sealed ")
        assert found["entry"] in report
        assert len(path.read_text()) < 2500

    @pytest.mark.slow
    @pytest.mark.parametrize("name", ["entry", "index", "proof", "checkpoint", "signature"])
    def test_cannot_be_changed_unnoticed(
        self, audit: AuditTools, tmp_path: Path, name: str
    ) -> None:
        found = self.found(audit)
        other = {
            "entry": found["entry"].replace("viewed", "edited"),
            "index": found["index"] + 1,
            "proof": found["proof"][1:],
            "checkpoint": found["checkpoint"].replace("entries 40", "entries 41"),
            "signature": found["signature"][::-1],
        }
        assert other[name] != found[name]
        path = tmp_path / "evidence.json"
        path.write_text(json.dumps({**found, name: other[name]}))

        assert verify(path, audit)[0] == 1

    def test_is_refused_for_a_forged_entry(self, audit: AuditTools) -> None:
        forge()
        async_to_sync(look_around)(1)
        audit.seal()
        with connect() as connection:
            rows = connection.execute("SELECT id, action FROM public.audit_entry").fetchall()
            entries = {action: entry_id for entry_id, action in rows}
            for keys in (audit.mac_keys(), None):
                with pytest.raises(NoInclusionProof, match="sealer refused"):
                    inclusion_proof(connection, entries["user.delete"], keys)
            others = MacKeys({"k9": bytes(32)})
            with pytest.raises(NoInclusionProof, match="keyed hash is wrong"):
                inclusion_proof(connection, entries["account.viewed"], others)
            assert inclusion_proof(connection, entries["account.viewed"], None)

    def test_is_available_only_for_sealed_entries(self, audit: AuditTools) -> None:
        async_to_sync(look_around)(1)
        with connect() as connection:
            row = connection.execute("SELECT id FROM public.audit_entry LIMIT 1").fetchone()
            assert row is not None
            with pytest.raises(NoInclusionProof, match="No checkpoint"):
                inclusion_proof(connection, row[0], audit.mac_keys())
            with pytest.raises(NoInclusionProof, match="no such entry"):
                inclusion_proof(connection, new_id(), audit.mac_keys())


class TestRetirement:
    def retire(self, audit: AuditTools, archive: Path, year: int = OLD) -> int:
        keys = {audit.key.key_id: audit.key.key.public_key()}
        now = container.ports.clock.now()
        macs = audit.mac_keys()
        return retire(year, archive, container.audit_trail, keys, macs, at=now)

    @pytest.fixture
    def old(self, audit: AuditTools, tmp_path: Path) -> Path:
        """A trail with entries of long ago, and an export of them."""
        with_an_old_year(4)
        audit.seal()
        async_to_sync(live)()
        audit.seal()
        return export(audit, tmp_path / "old.zip", OLD)

    def test_removes_a_year_and_the_rest_still_verifies(self, audit: AuditTools, old: Path) -> None:
        before = audit.verify()
        assert before.findings == []

        assert self.retire(audit, old) == 4

        after = audit.verify()
        assert after.findings == []
        assert after.entries == before.entries - 4 + 1
        audit.seal()
        assert audit.verify().findings == []

    def test_any_other_missing_entry_is_found(self, audit: AuditTools, old: Path) -> None:
        self.retire(audit, old)
        with connect() as connection:
            connection.execute("UPDATE guard.state SET armed = false")
            connection.execute("ALTER TABLE public.audit_entry DISABLE TRIGGER ALL")
            connection.execute(
                "UPDATE public.audit_entry SET details = details || '{\"entries\": 5}'"
                " WHERE action = 'audit.retired'"
            )

        kinds = {finding.kind.value for finding in audit.verify().findings}

        assert {"retirement", "entry-mac", "posture"} <= kinds

    def test_requires_seven_years(self, audit: AuditTools, tmp_path: Path) -> None:
        async_to_sync(live)()
        audit.seal()
        year = container.ports.clock.now().year
        archive = export(audit, tmp_path / "young.zip", year)

        with pytest.raises(NotRetired, match="younger than seven years"):
            self.retire(audit, archive, year)

    def test_requires_an_export_that_verifies(self, audit: AuditTools, old: Path) -> None:
        changed = rewritten(old, "entries.jsonl", lambda data: data.replace(b"a", b"e", 1))
        with pytest.raises(NotRetired, match="does not hold"):
            self.retire(audit, changed)

        assert self.retire(audit, old) == 4

    def test_requires_an_export_of_that_year(self, audit: AuditTools, old: Path) -> None:
        year = container.ports.clock.now().year
        other = export(audit, old.with_name("other.zip"), year)

        with pytest.raises(NotRetired, match=f"{OLD} has 4 entries, and the export 0"):
            self.retire(audit, other)

    def test_requires_that_everything_is_sealed(self, audit: AuditTools, old: Path) -> None:
        with_an_old_year(1)

        with pytest.raises(NotRetired, match="5 entries, and the export 4"):
            self.retire(audit, old)
        with connect() as connection, pytest.raises(Exception, match="not sealed"):
            connection.execute("SELECT guard.retire_audit_year(%s, sha256('x'))", (OLD,))

    def test_of_a_missing_year_is_refused(self, audit: AuditTools, old: Path) -> None:
        self.retire(audit, old)

        with pytest.raises(NotRetired):
            self.retire(audit, old)

    def test_leaves_a_table_that_can_be_dropped(self, audit: AuditTools, old: Path) -> None:
        self.retire(audit, old)
        with connect() as connection:
            connection.execute(f"DROP TABLE public.audit_entry_{OLD}".encode())

        assert audit.verify().findings == []

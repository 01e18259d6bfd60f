"""`add_fingerprints`, as people type it: what it prints, and how it ends."""

from dataclasses import replace
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command

from adapters.persistence.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import FingerprintModel, ImportModel
from adapters.security.envelope import Keyring
from adapters.statements.ofx import OfxReader
from dashtam.application.ledger.add_fingerprints import AddFingerprints
from dashtam.container import container
from domain.ledger.ports import StatementReader
from tests.camt import WEEK
from tests.schemes import BOTH
from tests.statements import days, ofx, statement

PEOPLE = ("ada@example.org", "eve@example.org")


@pytest.fixture
def imported(
    committing_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[ImportModel]:
    """An import of each of two users, where two schemes are known."""

    async def register() -> None:
        for email in PEOPLE:
            await container.register_user(email=email, password="correct horse battery")
        await container.drain()

    async_to_sync(register)()
    path = tmp_path / "march.ofx"
    path.write_bytes(ofx(statement(*days(3))))
    for email in PEOPLE:
        call_command("import_statement", str(path), user=email)
    monkeypatch.setattr(container, "fingerprint_schemes", BOTH)
    knowing = replace(container.add_fingerprints, schemes=BOTH)
    monkeypatch.setattr(container, "add_fingerprints", knowing)
    return list(ImportModel.objects.order_by("id"))


def reading_with(*readers: StatementReader) -> AddFingerprints:
    """Return the use case with these readers alone."""
    adding = container.add_fingerprints
    bring = adding.reread_import.bring_statement
    bring = replace(bring, read_statement=replace(bring.read_statement, readers=readers))
    return replace(adding, reread_import=replace(adding.reread_import, bring_statement=bring))


def lines(shown: str) -> dict[str, list[str]]:
    """Return the figures of each user in a table."""
    rows = [line.strip("│ ").split("│") for line in shown.splitlines() if line.startswith("│")]
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows}


def test_adds_for_all_users(
    imported: list[ImportModel], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("add_fingerprints", scheme=2)

    shown = lines(capsys.readouterr().out)
    assert shown == {str(each.user_id): ["1", "3", "0"] for each in imported}
    assert FingerprintModel.objects.filter(scheme=2).count() == 6
    entries = AuditEntryModel.objects.filter(action="fingerprints.added")
    assert {entry.user_agent for entry in entries} == {"manage.py add_fingerprints"}

    call_command("add_fingerprints", scheme=2)

    shown = lines(capsys.readouterr().out)
    assert shown == {str(each.user_id): ["1", "0", "0"] for each in imported}


def test_adds_for_one_user(imported: list[ImportModel], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("add_fingerprints", scheme=2, user=PEOPLE[1])

    assert list(lines(capsys.readouterr().out)) == [str(imported[1].user_id)]
    owners = FingerprintModel.objects.values_list("user_id", flat=True).distinct()
    assert list(owners) == [imported[1].user_id]


def test_names_files_that_differ_and_ends_with_an_error(
    imported: list[ImportModel],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "day.xml"
    path.write_bytes(WEEK[0])
    call_command("import_statement", str(path), user=PEOPLE[0])
    differing = ImportModel.objects.latest("id")
    capsys.readouterr()
    # As if the readers of camt were gone by now.
    monkeypatch.setattr(container, "add_fingerprints", reading_with(OfxReader()))

    with pytest.raises(CommandError, match="1 files read otherwise") as error:
        call_command("add_fingerprints", scheme=2)

    assert error.value.returncode == 1
    shown = capsys.readouterr().out
    assert f"differs: import {differing.id}" in shown
    assert lines(shown)[str(imported[0].user_id)] == ["2", "3", "1"]
    assert lines(shown)[str(imported[1].user_id)] == ["1", "3", "0"]


def test_says_whose_file_cannot_be_opened(
    imported: list[ImportModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "keyring", Keyring({"other": bytes(32)}))

    with pytest.raises(CommandError, match=f"user {imported[0].user_id} cannot be opened"):
        call_command("add_fingerprints", scheme=2, user=PEOPLE[0])


def test_knows_no_other_scheme_and_nobody_else(imported: list[ImportModel]) -> None:
    with pytest.raises(CommandError, match=r"There is no scheme 3\. Known: 1, 2\."):
        call_command("add_fingerprints", scheme=3)
    with pytest.raises(CommandError, match="No such user"):
        call_command("add_fingerprints", scheme=2, user="bob@example.org")
    with pytest.raises(CommandError, match="--scheme"):
        call_command("add_fingerprints")
    assert not FingerprintModel.objects.exists()

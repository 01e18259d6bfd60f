"""`check_statements`, as people type it: what it prints, and how it ends."""

from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command

from dashtam.application.identity.users import RegisterUser
from dashtam.container import container
from tests.camt import WEEK, day_of_march


@pytest.fixture
def ada(committing_database: str) -> str:
    """A user, in a database where commands can commit."""

    async def register() -> None:
        await container.use(RegisterUser)(email="ada@example.org", password="correct horse battery")
        await container.drain()

    async_to_sync(register)()
    return "ada@example.org"


def import_file(user: str, directory: Path, *files: bytes) -> None:
    for number, content in enumerate(files):
        (directory / f"{number}.xml").write_bytes(content)
    call_command("import_statement", *map(str, sorted(directory.iterdir())), user=user)


def test_succeeds_if_nothing_is_missing(
    ada: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import_file(ada, tmp_path, *WEEK)

    call_command("check_statements", user=ada)

    output = capsys.readouterr().out
    assert "Statements" in output
    assert "Findings" not in output


def test_prints_gaps_and_fails(
    ada: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import_file(ada, tmp_path, WEEK[0], WEEK[3], day_of_march(5, "300", "310", moved="7"))

    with pytest.raises(CommandError, match="Gaps: 1; statements that do not add up: 1"):
        call_command("check_statements", user=ada)

    output = capsys.readouterr().out
    assert "2026-03-02 – 2026-03-03" in output
    assert "-15.00 EUR" in output
    assert "does not add up" in output


def test_prints_the_balances_that_the_ledger_does_not_agree_with(
    ada: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import_file(ada, tmp_path, WEEK[0], WEEK[2])
    imported = " ".join(capsys.readouterr().out.split())

    with pytest.raises(CommandError, match="balances that the ledger does not agree with: 1"):
        call_command("check_statements", user=ada)

    assert "-20.00 EUR" in imported
    output = capsys.readouterr().out
    assert "ledger unbalanced" in output
    assert "2026-03-02 – 2026-03-03" in output


def test_refuses_an_unknown_user(ada: str) -> None:
    for address, problem in (("eve@example.org", "No such user"), ("eve", "address")):
        with pytest.raises(CommandError, match=problem):
            call_command("check_statements", user=address)

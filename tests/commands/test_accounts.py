"""`accounts`, as people type it."""

import re

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command

from dashtam.application.identity.users import RegisterUser
from dashtam.console import console
from dashtam.container import container

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def ada(committing_database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A user, in a database where commands can commit, at a wide terminal."""
    monkeypatch.setattr(console, "width", 200)

    async def register() -> None:
        await container.use(RegisterUser)(email="ada@example.org", password="correct horse battery")
        await container.drain()

    async_to_sync(register)()
    return "ada@example.org"


def run(capsys: pytest.CaptureFixture[str], *words: str, user: str) -> str:
    action, *rest = words
    call_command("accounts", action, "--user", user, *rest)
    return capsys.readouterr().out


def add(capsys: pytest.CaptureFixture[str], user: str) -> str:
    said = ("--name", "Cash", "--kind", "other", "--currency", "eur", "--opened-on", "2026-01-01")
    (account_id,) = ID.findall(run(capsys, "add", *said, user=user))
    return str(account_id)


def test_an_account_is_added_renamed_closed_and_deleted(
    ada: str, capsys: pytest.CaptureFixture[str]
) -> None:
    account_id = add(capsys, ada)
    assert "Cash" in run(capsys, "list", user=ada)

    closed = run(
        capsys,
        *("edit", account_id, "--name", "Wallet", "--hidden", "--closed-on", "2026-02-01"),
        user=ada,
    )
    reopened = run(capsys, "edit", account_id, "--no-hidden", "--closed-on", "", user=ada)
    run(capsys, "delete", account_id, user=ada)

    for part in ("Wallet", "EUR", "2026-01-01", "2026-02-01", "yes"):
        assert part in closed
    assert "Wallet" in reopened
    assert "2026-02-01" not in reopened
    assert "yes" not in reopened
    assert not ID.search(run(capsys, "list", user=ada))


def test_a_refusal_ends_the_command(ada: str, capsys: pytest.CaptureFixture[str]) -> None:
    account_id = add(capsys, ada)

    with pytest.raises(CommandError, match="needs a name"):
        call_command("accounts", "edit", "--user", ada, account_id, "--name", " ")


def test_two_accounts_are_merged_and_parted_again(
    ada: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stays, typo = add(capsys, ada), add(capsys, ada)

    shown = run(capsys, "merge", "--preview", stays, typo, user=ada)
    before = ID.findall(run(capsys, "list", user=ada))
    merged = run(capsys, "merge", stays, typo, user=ada)
    after = ID.findall(run(capsys, "list", user=ada))
    run(capsys, "undo-merge", *ID.findall(merged)[:1], user=ada)

    assert shown == "Preview: 0 imports; rows: none.\n"
    assert sorted(before) == sorted([stays, typo])
    assert after == [stays]
    assert sorted(ID.findall(run(capsys, "list", user=ada))) == sorted(before)

"""Staff are managed by commands, each of which leaves an entry."""

import io
import sys

import pytest
from django.core.management import CommandError, call_command

from adapters.audit.models import AuditEntryModel
from adapters.persistence.staff.models import StaffUser
from dashtam.management.passwords import read_password

PASSWORD = "a long enough password"
NEW = "another long password"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, committing_database: str) -> None:
    """A script that pipes a password in."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n{NEW}\n"))


@pytest.fixture
def grace(typed: None) -> StaffUser:
    call_command("add_staff", "grace", role="auditor")
    return StaffUser.objects.get()


def last_entry() -> AuditEntryModel:
    return AuditEntryModel.objects.order_by("id").reverse()[0]


def test_a_member_is_added(typed: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("add_staff", "grace", role="auditor")

    grace = StaffUser.objects.get()
    assert (grace.username, grace.role, grace.is_active) == ("grace", "auditor", True)
    assert grace.check_password(PASSWORD)
    assert capsys.readouterr().out == "grace was added to the staff as auditor.\n"
    entry = last_entry()
    assert (entry.action, entry.actor_kind, entry.resource_id) == (
        "staff.added",
        "system",
        grace.id,
    )
    assert entry.user_agent == "manage.py add_staff"
    assert PASSWORD not in str(vars(entry))


def test_a_name_is_unique(grace: StaffUser) -> None:
    with pytest.raises(CommandError, match="already a member of staff with this name"):
        call_command("add_staff", "grace", role="support")

    assert StaffUser.objects.count() == 1
    assert (last_entry().action, last_entry().result) == ("staff.add", "failure")


@pytest.mark.parametrize("role", ["superuser", ""])
def test_a_role_must_exist(typed: None, role: str) -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("add_staff", "grace", "--role", role)


def test_a_password_must_be_long(typed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))

    with pytest.raises(CommandError, match="15 to 1,024 characters"):
        call_command("add_staff", "grace", role="support")

    assert StaffUser.objects.count() == 0


def test_a_member_is_disabled(grace: StaffUser, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("disable_staff", "grace")

    grace.refresh_from_db()
    assert not grace.is_active
    assert "is disabled" in capsys.readouterr().out
    assert last_entry().action == "staff.disabled"


def test_a_member_is_reset(grace: StaffUser, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("reset_staff", "grace")

    grace.refresh_from_db()
    assert grace.check_password(NEW)
    assert "enrols a second factor" in capsys.readouterr().out
    assert last_entry().action == "staff.access_renewed"


def test_a_disabled_member_stays_disabled(
    grace: StaffUser, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("disable_staff", "grace")
    call_command("reset_staff", "grace")

    grace.refresh_from_db()
    assert not grace.is_active
    assert "but is still disabled" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["disable_staff", "reset_staff"])
def test_an_unknown_member_is_reported(typed: None, command: str) -> None:
    with pytest.raises(CommandError, match="no member of staff with this name"):
        call_command(command, "nobody")


@pytest.mark.parametrize("command", ["createsuperuser", "changepassword"])
def test_djangos_own_commands_are_disabled(command: str) -> None:
    with pytest.raises(CommandError, match=r"manage\.py (add|reset)_staff"):
        call_command(command)


class TestAtATerminal:
    class Terminal(io.StringIO):
        """A terminal with a user."""

        def isatty(self) -> bool:
            return True

    def answer(self, monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
        remaining = iter(answers)
        monkeypatch.setattr(sys, "stdin", self.Terminal())
        monkeypatch.setattr("dashtam.management.passwords.getpass", lambda prompt: next(remaining))

    def test_a_password_is_typed_twice(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answer(monkeypatch, PASSWORD, PASSWORD)
        assert read_password() == PASSWORD

    def test_both_must_match(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answer(monkeypatch, PASSWORD, NEW)
        with pytest.raises(CommandError, match="do not match"):
            read_password()

"""`rules`, as people type it."""

import re

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command

from dashtam.application.identity.users import RegisterUser
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.rules import AddRule
from dashtam.console import console
from dashtam.container import container
from domain.ledger.imports import ImportRequest
from domain.ledger.rules import RuleChanges
from domain.shared.ids import new_id
from domain.shared.result import Success
from tests.contracts.rules import COFFEE
from tests.statements import days, ofx, statement, transaction

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
COFFEES = ofx(statement(*days(2), transaction()))


@pytest.fixture
def ada(committing_database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A user with a rule, in a database where commands can commit, at a wide terminal."""
    monkeypatch.setattr(console, "width", 200)

    async def prepare() -> None:
        email, password = "ada@example.org", "correct horse battery"
        registered = await container.use(RegisterUser)(email=email, password=password)
        assert isinstance(registered, Success)
        user_id = registered.value.id
        request = ImportRequest(user_id=user_id, file_name="x", content=COFFEES)
        assert isinstance(await container.use(ImportPipeline)(request), Success)
        said = RuleChanges(name="Cafés", conditions=(COFFEE,), tags=("café",), payee_name="Nord")
        assert isinstance(await container.use(AddRule)(said, user_id=user_id), Success)
        await container.drain()

    async_to_sync(prepare)()
    return "ada@example.org"


def run(capsys: pytest.CaptureFixture[str], *words: str, user: str) -> str:
    action, *rest = words
    call_command("rules", action, "--user", user, *rest)
    return capsys.readouterr().out


def test_rules_are_listed_previewed_applied_and_undone(
    ada: str, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = run(capsys, "list", user=ada)
    assert "Cafés" in listed
    (rule_id,) = ID.findall(listed)

    preview = run(capsys, "preview", "--rule-id", rule_id, user=ada)
    for part in ("2026-03-01", "-12.5", "Coffee house", "Nord", "café", "1 transactions would"):
        assert part in preview
    applied = run(capsys, "apply", user=ada)
    assert "1 transactions were changed" in applied
    (application_id,) = ID.findall(applied)
    assert "0 transactions would change" in run(capsys, "preview", user=ada)
    assert application_id in run(capsys, "list", user=ada)
    assert "1 transactions were restored" in run(capsys, "undo", application_id, user=ada)
    assert "1 transactions would change" in run(capsys, "preview", user=ada)


def test_what_does_not_exist_ends_the_command(ada: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="No such rule"):
        run(capsys, "apply", "--rule-id", str(new_id()), user=ada)
    with pytest.raises(CommandError, match="No such application"):
        run(capsys, "undo", str(new_id()), user=ada)

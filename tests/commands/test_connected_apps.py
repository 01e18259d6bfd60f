"""`connected_apps`, as people type it."""

import re
from base64 import b64decode

import pytest
from asgiref.sync import async_to_sync
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from dashtam.application.identity.users import RegisterUser
from dashtam.application.ledger.manage_accounts import AddAccount
from dashtam.application.sharing.app_access import ClaimSetupToken
from dashtam.console import console
from dashtam.container import container
from domain.ledger.kinds import AccountKind
from domain.ledger.values import AccountReference
from domain.shared.ids import new_id
from domain.shared.result import Success
from tests.commands.test_processes import manage

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TOKEN = re.compile(r"^[A-Za-z0-9+/=]{80,}$", re.MULTILINE)
PURSE = AccountReference(kind=AccountKind.OTHER, number="", institution="", currency="EUR")


@pytest.fixture
def account(committing_database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of an account of a user, in a database where commands can commit."""
    monkeypatch.setattr(console, "width", 200)

    async def prepare() -> str:
        email, password = "ada@example.org", "correct horse battery"
        registered = await container.use(RegisterUser)(email=email, password=password)
        assert isinstance(registered, Success)
        added = await container.use(AddAccount)(PURSE, user_id=registered.value.id, name="Purse")
        assert isinstance(added, Success)
        await container.drain()
        return str(added.value.account.id)

    return async_to_sync(prepare)()


def run(capsys: pytest.CaptureFixture[str], action: str, *rest: str) -> str:
    call_command("connected_apps", action, "--user", "ada@example.org", *rest)
    return capsys.readouterr().out


def claim_url(printed: str) -> str:
    (token,) = TOKEN.findall(printed)
    return b64decode(token).decode()


def claims(url: str) -> bool:
    async def claim() -> bool:
        claimed = await container.use(ClaimSetupToken)(token=url.rpartition("/")[2])
        await container.drain()
        return isinstance(claimed, Success)

    return async_to_sync(claim)()


def test_apps_are_connected_listed_changed_and_revoked(
    account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    added = run(capsys, "add", "--name", "Actual", "--account-id", account)
    (app_id,) = ID.findall(added)
    url = claim_url(added)
    assert url.startswith("http://127.0.0.1:8000/simplefin/claim/")
    assert claims(url)

    listed = run(capsys, "list")
    for part in ("Actual", app_id, "1"):
        assert part in listed
    assert "Budget" in run(capsys, "edit", app_id, "--name", "Budget", "--all-accounts")
    assert "all" in run(capsys, "list")
    again = run(capsys, "setup-token", app_id, "--url", "https://money.example/")
    assert claim_url(again).startswith("https://money.example/simplefin/claim/")
    assert "revoked" in run(capsys, "revoke", app_id)
    assert app_id not in run(capsys, "list")
    assert not claims(claim_url(again))


def test_the_public_url_is_the_default(
    account: str, capsys: pytest.CaptureFixture[str], settings: LazySettings
) -> None:
    settings.PUBLIC_URL = "https://dashtam.example"

    added = run(capsys, "add", "--name", "Actual")

    assert claim_url(added).startswith("https://dashtam.example/simplefin/claim/")


def test_what_does_not_exist_ends_the_command(
    account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for action in (
        ["add", "--name", "Actual", "--account-id", str(new_id())],
        ["add", "--name", " "],
        ["edit", str(new_id()), "--name", "x"],
        ["setup-token", str(new_id())],
        ["revoke", str(new_id())],
    ):
        with pytest.raises(CommandError):
            run(capsys, *action)
    assert not ID.findall(run(capsys, "list"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "url", ["money.example", "https://", "https://money.example/x", "https://a:b@money.example"]
)
def test_the_public_url_is_a_host_alone(url: str) -> None:
    ended = manage("check", PUBLIC_URL=url)

    assert ended.returncode != 0
    assert "PUBLIC_URL" in ended.stderr

"""Connected apps, over HTTP."""

import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.db.models import F

from adapters.audit.models import AuditEntryModel
from adapters.persistence.identity.models import SessionModel
from adapters.persistence.outbox.models import OutboxModel
from adapters.persistence.sharing.models import ConnectedAppModel
from domain.shared.ids import new_id
from domain.sharing.entities import ConnectedApp
from domain.sharing.values import SetupToken
from tests.api.apps import App, claim, connect
from tests.api.client import Api, problem_of

PURSE = {"name": "Purse", "kind": "other", "currency": "EUR"}


async def purse(api: Api) -> str:
    """Add an account, and return its id."""
    return str((await api.post("accounts", PURSE)).json()["id"])


async def test_a_setup_token_is_shown_once(api: Api) -> None:
    await api.enter()
    account_id = await purse(api)

    made = await api.post("connected-apps", {"name": "Actual", "account_ids": [account_id]})

    assert made.status_code == 201
    body = made.json()
    assert made.headers["Location"] == f"/api/v1/connected-apps/{body['id']}"
    claim_url = b64decode(body["setup_token"]).decode()
    root, _, token = claim_url.rpartition("/")
    assert root == "http://testserver/simplefin/claim"
    row = await ConnectedAppModel.objects.aget()
    assert bytes(row.setup_digest or b"") == SetupToken(token).digest
    lives = datetime.fromisoformat(body["setup_token_expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=23, minutes=55) < lives <= timedelta(hours=24)
    assert (body["name"], body["account_ids"]) == ("Actual", [account_id])
    shown = await api.get(f"connected-apps/{body['id']}")
    listed = await api.get("connected-apps")
    assert shown.json() == listed.json()["items"][0]
    assert shown.json() == {name: each for name, each in body.items() if name != "setup_token"}


async def test_the_last_use_is_listed(api: Api) -> None:
    await api.enter()
    app = await connect(api)
    (before,) = (await api.get("connected-apps")).json()["items"]

    await app.get()

    (after,) = (await api.get("connected-apps")).json()["items"]
    assert (before["last_used_at"], before["setup_token_expires_at"]) == (None, None)
    assert before["claimed_at"] is not None
    assert after["last_used_at"] is not None
    assert after["last_used_ip_address"] == "127.0.0.1"


async def test_the_user_is_notified_of_a_claim(api: Api) -> None:
    api.delivers = False
    await api.enter()

    await connect(api)

    event = await OutboxModel.objects.aget(type="connected_app.claimed")
    assert event.payload.keys().isdisjoint({"name", "token"})
    entry = await AuditEntryModel.objects.aget(action="connected_app.claimed")
    assert entry.actor_id == api.user.id


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"name": ""}, "invalid-body"),
        ({"name": None}, "invalid-body"),
        ({"name": "x" * 101}, "invalid-body"),
        ({"name": " "}, "invalid-connected-app"),
        ({"name": "a\nb"}, "invalid-connected-app"),
        ({"account_ids": []}, "invalid-body"),
        ({"account_ids": "all"}, "invalid-body"),
        ({"account_ids": ["7"]}, "invalid-body"),
        ({"account_ids": [str(new_id())] * 501}, "invalid-body"),
        ({"scopes": []}, "invalid-body"),
    ],
)
async def test_an_invalid_app_is_refused(api: Api, change: dict[str, Any], problem: str) -> None:
    await api.enter()
    connected = (await api.post("connected-apps", {"name": "Actual"})).json()

    added = await api.post("connected-apps", {"name": "Actual", **change})
    edited = await api.patch(f"connected-apps/{connected['id']}", change)

    for refused in (added, edited):
        assert problem_of(refused) == (422, problem)
    assert await ConnectedAppModel.objects.acount() == 1
    assert (await api.get(f"connected-apps/{connected['id']}")).json()["name"] == "Actual"


async def test_unknown_accounts_are_refused(api: Api) -> None:
    await api.enter()
    account_id = await purse(api)
    ids = [account_id, str(new_id())]
    connected = (await api.post("connected-apps", {"name": "Actual"})).json()

    added = await api.post("connected-apps", {"name": "Actual", "account_ids": ids})
    edited = await api.patch(f"connected-apps/{connected['id']}", {"account_ids": ids})

    for refused in (added, edited):
        assert problem_of(refused) == (404, "account-not-found")
    assert await ConnectedAppModel.objects.acount() == 1


async def test_a_change_counts_from_the_next_request_on(api: Api) -> None:
    await api.enter()
    account_id = await purse(api)
    await api.post("accounts", {**PURSE, "name": "Wallet"})
    app = await connect(api)
    (listed,) = (await api.get("connected-apps")).json()["items"]
    path = f"connected-apps/{listed['id']}"
    assert (await app.accounts()).keys() == {"Purse", "Wallet"}

    changed = await api.patch(path, {"name": "Budget", "account_ids": [account_id]})

    assert changed.status_code == 200
    assert (changed.json()["name"], changed.json()["account_ids"]) == ("Budget", [account_id])
    assert (await app.accounts()).keys() == {"Purse"}
    assert (await api.patch(path, {"account_ids": None})).json()["account_ids"] is None
    assert (await app.accounts()).keys() == {"Purse", "Wallet"}
    assert (await api.patch(path, {"account_ids": None})).status_code == 200
    entries = AuditEntryModel.objects.filter(action="connected_app.changed").order_by("id")
    assert [each.details async for each in entries] == [
        {"fields": ["account_ids", "name"]},
        {"fields": ["account_ids"]},
    ]


async def test_a_revoked_app_is_not_found(api: Api) -> None:
    await api.enter()
    made = (await api.post("connected-apps", {"name": "Actual"})).json()
    path = f"connected-apps/{made['id']}"

    assert (await api.delete(path)).status_code == 204

    assert (await api.get("connected-apps")).json() == {"items": []}
    for refused in (
        await api.get(path),
        await api.patch(path, {"name": "x"}),
        await api.post(f"{path}/setup-token", {}),
    ):
        assert problem_of(refused) == (404, "connected-app-not-found")
    assert (await claim(made["setup_token"])).status_code == 403
    assert (await api.delete(path)).status_code == 204
    assert await AuditEntryModel.objects.filter(action="connected_app.revoked").acount() == 1


async def test_access_requires_a_recent_authentication(api: Api) -> None:
    await api.enter()
    made = (await api.post("connected-apps", {"name": "Actual"})).json()
    path = f"connected-apps/{made['id']}"
    await SessionModel.objects.aupdate(
        authenticated_at=F("authenticated_at") - timedelta(minutes=11)
    )

    for refused in (
        await api.post("connected-apps", {"name": "Another"}),
        await api.patch(path, {"account_ids": None}),
        await api.post(f"{path}/setup-token", {}),
    ):
        assert problem_of(refused) == (401, "recent-authentication-required")
    assert (await api.get(path)).status_code == 200
    assert (await api.delete(path)).status_code == 204


async def test_their_number_is_limited(api: Api) -> None:
    await api.enter()
    first = (await api.post("connected-apps", {"name": "Actual"})).json()
    row = await ConnectedAppModel.objects.aget()
    await ConnectedAppModel.objects.abulk_create(
        ConnectedAppModel(id=new_id(), user_id=row.user_id, name="copy", added_at=row.added_at)
        for _ in range(1, ConnectedApp.MOST)
    )

    refused = await api.post("connected-apps", {"name": "Actual"})

    assert problem_of(refused) == (409, "too-many-connected-apps")
    assert "50" in refused.json()["detail"]
    assert (await api.delete(f"connected-apps/{first['id']}")).status_code == 204
    assert (await api.post("connected-apps", {"name": "Actual"})).status_code == 201


async def test_a_setup_token_replaces_the_one_before(api: Api) -> None:
    await api.enter()
    made = (await api.post("connected-apps", {"name": "Actual"})).json()

    issued = await api.post(f"connected-apps/{made['id']}/setup-token", {})

    assert issued.status_code == 201
    assert issued.json().keys() == made.keys()
    assert (await claim(made["setup_token"])).status_code == 403
    assert (await (await App.claimed(issued.json()["setup_token"])).get()).status_code == 200


async def test_a_host_that_is_not_ours_is_refused(api: Api, settings: Any) -> None:
    await api.enter()
    settings.ALLOWED_HOSTS = ["dashtam.example"]

    refused = await api.post("connected-apps", {"name": "Actual"})

    assert problem_of(refused) == (400, "malformed-request")
    assert not await ConnectedAppModel.objects.aexists()


async def test_an_export_has_no_digest(api: Api) -> None:
    await api.enter()
    await connect(api)
    row = await ConnectedAppModel.objects.aget()

    export = await api.get("users/me/export")

    assert export.status_code == 200
    with ZipFile(BytesIO(export.content)) as archive:
        name = next(each for each in archive.namelist() if "connected_app" in each)
        (shown,) = json.loads(archive.read(name))
    assert shown["id"] == str(row.id)
    assert shown.keys().isdisjoint({"setup_digest", "access_digest"})

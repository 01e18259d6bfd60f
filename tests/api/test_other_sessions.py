"""Seeing in which sessions one is, and ending them."""

from datetime import UTC, datetime

from adapters.audit.models import AuditEntryModel
from adapters.persistence.identity.models import SessionModel, UserModel
from tests.api.client import PASSWORD, Api, problem_of

ADA = {"email": "ada@example.org", "password": PASSWORD}


async def log_in(agent: str) -> Api:
    """Log in on another device, as a user who is there already."""
    other = Api()
    opened = await other.post("sessions", ADA, **{"User-Agent": agent})
    assert opened.status_code == 201
    other.token = opened.json()["access_token"]
    return other


async def ids(api: Api) -> list[str]:
    return [item["id"] for item in (await api.get("sessions")).json()["items"]]


async def test_sessions_are_listed_with_device_and_ip_address(api: Api) -> None:
    await api.log_in()
    phone = await log_in("Phone/1.0")
    before = datetime.now(UTC)
    await phone.get("users/me")

    here, there = (await phone.get("sessions")).json()["items"]

    assert (here["current"], there["current"]) == (True, False)
    assert (here["user_agent"], here["ip_address"]) == ("Phone/1.0", "127.0.0.1")
    assert datetime.fromisoformat(here["last_used_at"]) >= before
    assert here["last_used_ip_address"] == "127.0.0.1"
    assert there["last_used_at"] is None
    assert here["opened_at"] > there["opened_at"]
    assert datetime.fromisoformat(here["expires_at"]) > before
    assert not {"token_digest", "access_token", "security_stamp"} & here.keys()
    viewed = await AuditEntryModel.objects.aget(action="sessions.viewed")
    assert (viewed.result, viewed.details) == ("success", {"count": 2})


async def test_the_current_session_is_marked(api: Api) -> None:
    await api.log_in()
    phone = await log_in("Phone/1.0")

    answer = (await phone.get("sessions/current")).json()

    assert (answer["current"], answer["user_agent"]) == (True, "Phone/1.0")
    assert [answer["id"]] == (await ids(phone))[:1]
    entry = await AuditEntryModel.objects.aget(action="session.viewed")
    assert str(entry.resource_id) == answer["id"]


async def test_another_session_can_be_ended(api: Api) -> None:
    await api.log_in()
    phone = await log_in("Phone/1.0")
    here, there = (await ids(phone))[1], (await ids(phone))[0]

    assert (await api.delete(f"sessions/{there}")).status_code == 204

    assert problem_of(await phone.get("users/me")) == (401, "invalid-token")
    assert await ids(api) == [here]
    assert (await api.delete(f"sessions/{there}")).status_code == 204
    assert await AuditEntryModel.objects.filter(action="session.ended").acount() == 1


async def test_a_refresh_token_is_invalid_after_its_session(api: Api) -> None:
    await api.log_in()
    opened = (await api.post("sessions", ADA)).json()

    await api.delete(f"sessions/{opened['id']}")

    for _ in range(2):
        refused = await api.post("tokens", {"refresh_token": opened["refresh_token"]})
        assert problem_of(refused) == (401, "invalid-token")


async def test_all_other_sessions_can_be_ended(api: Api) -> None:
    await api.log_in()
    phone, tablet = await log_in("Phone/1.0"), await log_in("Tablet/1.0")

    assert (await phone.delete("sessions/others")).status_code == 204

    for other in (api, tablet):
        assert problem_of(await other.get("users/me")) == (401, "invalid-token")
    (remaining,) = await ids(phone)
    entry = await AuditEntryModel.objects.aget(action="sessions.ended")
    assert entry.details == {"count": 2, "kept_session_id": remaining}


async def test_all_sessions_can_be_ended(api: Api) -> None:
    await api.log_in()
    phone = await log_in("Phone/1.0")

    assert (await phone.delete("sessions")).status_code == 204

    for other in (api, phone):
        assert problem_of(await other.get("users/me")) == (401, "invalid-token")
        assert problem_of(await other.delete("sessions")) == (401, "invalid-token")
    entry = await AuditEntryModel.objects.aget(action="sessions.ended")
    assert entry.details == {"count": 2, "kept_session_id": None}
    assert isinstance(await log_in("Phone/1.0"), Api)


async def test_another_users_sessions_continue(api: Api) -> None:
    await api.log_in()
    eve = await Api().enter("eve@example.org")

    for address in ("sessions/others", "sessions"):
        assert (await eve.delete(address)).status_code == 204

    assert (await api.get("users/me")).status_code == 200


async def test_ended_sessions_are_not_listed(api: Api) -> None:
    await api.log_in()
    phone, tablet = await log_in("Phone/1.0"), await log_in("Tablet/1.0")
    agents = SessionModel.objects.filter
    await agents(user_agent="Phone/1.0").aupdate(expires_at=datetime.now(UTC))
    await agents(user_agent="Tablet/1.0").aupdate(security_stamp=7)

    for other in (phone, tablet):
        assert problem_of(await other.get("sessions")) == (401, "invalid-token")
    assert len(await ids(api)) == 1


async def test_a_new_stamp_ends_all_sessions_at_once(api: Api) -> None:
    await api.log_in()
    phone = await log_in("Phone/1.0")
    await UserModel.objects.aupdate(security_stamp=2)

    for other in (api, phone):
        assert problem_of(await other.get("sessions")) == (401, "invalid-token")
    assert isinstance(await log_in("Phone/1.0"), Api)


async def test_only_logging_in_needs_no_token(api: Api) -> None:
    await api.log_in()
    stranger = Api()

    assert (await stranger.post("sessions", ADA)).status_code == 201
    assert (await stranger.call("options", "sessions")).status_code == 204
    for method in ("get", "head", "delete"):
        assert (await stranger.call(method, "sessions")).status_code == 401
    # An invalid token is no obstacle either.
    stranger.token = "nonsense"
    assert (await stranger.post("sessions", ADA)).status_code == 201

"""An outage of the database: clear answers, nothing half done, and no restart afterwards."""

from asgiref.sync import async_to_sync

from adapters.persistence.identity.models import UserModel
from dashtam.container import container
from tests.api.client import PASSWORD, Api, problem_of
from tests.postgres import pointing_django_at
from tests.statements import ofx

ADA = {"email": "ada@example.org", "password": PASSWORD}


async def test_every_request_reports_the_outage(outage: None) -> None:
    api = Api()
    api.token = "dashtam_" + "0" * 72

    for response in (
        await api.post("users", ADA),
        await api.post("sessions", ADA),
    ):
        assert problem_of(response)[0] == 503
        assert response.headers["Retry-After"] == "5"
        assert "no_such_database" not in response.text


async def test_a_token_cannot_be_looked_up(outage: None) -> None:
    api = Api()
    api.token = container.ports.tokens.issue().text

    for response in (await api.get("accounts"), await api.upload(ofx())):
        assert problem_of(response) == (503, "unavailable")


async def test_health_reports_the_outage(outage: None) -> None:
    api = Api()

    assert (await api.get("/health/live")).status_code == 200
    assert problem_of(await api.get("/health/ready")) == (503, "unavailable")


def test_work_resumes_after_the_outage(committing_database: str) -> None:
    container.close()
    with pointing_django_at("no_such_database"):
        async_to_sync(_refused)()
    container.close()

    async_to_sync(_served)()

    assert UserModel.objects.count() == 1


async def _refused() -> None:
    assert (await Api().post("users", ADA)).status_code == 503


async def _served() -> None:
    api = await Api().enter()
    assert (await api.get("users/me")).status_code == 200

"""What an operator watches."""

from prometheus_client.parser import text_string_to_metric_families

from adapters.persistence.outbox.models import OutboxModel
from dashtam.container import container
from tests.adapters.events.reactions import registered
from tests.api.client import PASSWORD, Api
from tests.factories import NOON


async def figures(api: Api) -> dict[str, float]:
    response = await api.get("/metrics")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain")
    families = text_string_to_metric_families(response.text)
    return {sample.name: sample.value for family in families for sample in family.samples}


async def test_the_pool_is_measured(api: Api) -> None:
    metrics = await figures(api)

    assert metrics["dashtam_database_connections"] == container.database.state.size
    assert metrics["dashtam_database_connections_leased"] == 0
    assert metrics["dashtam_database_waiting"] == 0
    assert metrics["dashtam_database_waits_count"] >= 0
    assert metrics["dashtam_database_waits_seconds"] >= 0
    assert metrics["dashtam_database_crowded_count"] >= 0


async def test_the_outbox_is_measured(api: Api) -> None:
    api.delivers = False
    assert (await figures(api))["dashtam_outbox_lag_seconds"] == 0
    await api.post("users", {"email": "ada@example.org", "password": PASSWORD})
    async with container.ports.unit_of_work() as uow:
        await uow.commit(registered())
    await container.publisher.drain()
    await (
        OutboxModel.objects.filter(aggregate_type="user")
        .order_by("-position")
        .aupdate(created_at=NOON)
    )

    metrics = await figures(api)

    assert (metrics["dashtam_outbox_waiting"], metrics["dashtam_outbox_dead"]) == (2, 0)
    assert metrics["dashtam_outbox_lag_seconds"] >= 0


async def test_dead_events_are_counted_separately(api: Api) -> None:
    api.delivers = False
    await api.post("users", {"email": "ada@example.org", "password": PASSWORD})
    await OutboxModel.objects.aupdate(dead_at=NOON)

    metrics = await figures(api)

    assert (metrics["dashtam_outbox_waiting"], metrics["dashtam_outbox_dead"]) == (0, 1)


async def test_unavailable_figures_are_omitted(outage: None) -> None:
    metrics = await figures(Api())

    assert "dashtam_database_connections" in metrics
    assert "dashtam_outbox_lag_seconds" not in metrics

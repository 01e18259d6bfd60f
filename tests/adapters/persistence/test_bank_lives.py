"""Reports of a bank in PostgreSQL: the ledger is what the bank booked, as with ports in memory."""

import pytest
from asgiref.sync import async_to_sync
from hypothesis import HealthCheck, Phase, given, note, settings

from dashtam.container import container
from domain.shared.ids import new_id
from tests.adapters.persistence.ledger_machine import add_user
from tests.bank import Life
from tests.bank_histories import CHANGED, DAYS, OFX_FILES, PAGES, WAITING, Ways, histories
from tests.factories import make_user
from tests.household import Household, Step, live
from tests.lanes import many


async def _add_and_live(history: tuple[Life, list[Step]], strict: bool) -> None:
    user = make_user(f"{new_id()}@example.org")
    await add_user(user)
    await live(Household(container.ports, user.id), *history, strict=strict)


@pytest.mark.slow
@pytest.mark.usefixtures("committing_database")
@pytest.mark.parametrize(
    ("ways", "distinct", "strict"),
    [
        (DAYS, False, True),
        (PAGES, True, True),
        (OFX_FILES, True, True),
        (CHANGED, False, False),
        (WAITING, False, False),
    ],
    ids=["days", "pages", "ofx", "changed", "waiting"],
)
def test_the_ledger_is_what_the_bank_booked(ways: Ways, distinct: bool, strict: bool) -> None:
    @settings(
        max_examples=many(12, 600),
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(histories(ways, distinct=distinct))
    def check(history: tuple[Life, list[Step]]) -> None:
        note(repr(history))
        async_to_sync(_add_and_live)(history, strict)

    check()

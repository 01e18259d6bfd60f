"""Unreadable rows and positions, stored in one list."""

from dataclasses import replace

import pytest

from adapters.persistence.ledger.models import ImportModel
from domain.ledger.imports import StatementImport
from domain.ledger.values import QuarantinedRow
from domain.shared.result import Success
from tests.contracts.world import World
from tests.factories import make_import

ROW, POSITION = QuarantinedRow(7, "no booking date"), QuarantinedRow(7, "no quantity")


async def stored(world: World, done: StatementImport) -> StatementImport:
    found = await world.imports.get(done.id, owner=done.user_id)
    assert isinstance(found, Success)
    return found.value


@pytest.mark.parametrize(
    ("rows", "positions"), [([ROW], [POSITION]), ([ROW, ROW], []), ([], [POSITION]), ([], [])]
)
async def test_rows_and_statements_survive_a_round_trip(
    django_world: World, rows: list[QuarantinedRow], positions: list[QuarantinedRow]
) -> None:
    account = await django_world.account()
    done = make_import(account.user_id, account.id)
    done = replace(done, quarantined=rows, unread_holdings=positions)
    await django_world.imports.add(done)

    found = await stored(django_world, done)

    assert (found.quarantined, found.unread_holdings) == (rows, positions)


async def test_a_record_without_a_type_is_a_row(django_world: World) -> None:
    account = await django_world.account()
    done = await django_world.source(account)
    before = [{"line": 7, "reason": "no booking date"}]
    await ImportModel.objects.filter(id=done.id).aupdate(quarantined=before)

    found = await stored(django_world, done)

    assert (found.quarantined, found.unread_holdings) == ([ROW], [])

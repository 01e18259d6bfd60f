"""Whatever row of a file with balances is wrong, Dashtam says so.

A flipped sign, a missing or doubled row and cut decimals are noticed by the reader, by the
statement itself, or by the ledger between the balances of the files around it.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from rich.console import Console

from adapters.statements.mt940 import Mt940Reader
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.container.wiring import UseCases
from domain.ledger.hints import ReadingHints
from domain.ledger.imports import ImportRequest
from domain.ledger.values import Reconciliation
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure
from tests.application.conftest import Application
from tests.bank_files import FORMATS, KINDS, Change, Format, invented_life, parts
from tests.lanes import SEED, many

NAMED = ReadingHints(currency="EUR", account="Household", charges_positive=False)


Booked = Counter[tuple[date, Decimal]]


async def first_check(files: Sequence[bytes], hints: ReadingHints) -> tuple[str, Booked]:
    """Import files one after another; return which check first finds something wrong, if any.

    And what the ledger has booked.
    """
    app, user_id = Application(), UserId(new_id())
    readers = [*app.world.statement_readers[:2], Mt940Reader(), *app.world.statement_readers[2:]]
    import_file = UseCases(replace(app.world, statement_readers=readers)).use(ImportPipeline)
    for content in files:
        done = await import_file(
            ImportRequest(user_id=user_id, file_name="file", content=content, hints=hints)
        )
        if isinstance(done, Failure):
            return "refused", Booked()
        if done.value.quarantined:
            return "quarantined", Booked()
        if done.value.statements[0].reconciliation is Reconciliation.UNBALANCED:
            return "statement", Booked()
    outcomes = (each for done in app.store.imports.values() for each in done.statements)
    rows = (row for row in app.store.transactions.values() if not row.is_pending)
    booked = Booked((row.booking_date, row.amount.amount) for row in rows)
    return "ledger" if any(each.ledger.is_unbalanced for each in outcomes) else "", booked


def check(of: Format, chance: random.Random, kind: str = "") -> str:
    """Return which check finds the files of a life wrong; with a kind, one row of them is."""
    life = invented_life(chance, 12)
    cuts = parts(life, chance)
    begin, end = cuts[1]
    change = Change(kind, chance.randrange(end - begin)) if kind else None
    right = [of.file(life, *cut) for cut in cuts]
    hints = NAMED if of.name == "csv" else ReadingHints()
    wrong = [right[0], of.file(life, begin, end, change), *right[2:]]
    found, booked = asyncio.run(first_check(wrong, hints))
    if kind and not found and booked == asyncio.run(first_check(right, hints))[1]:
        # Balances beside amounts without a sign say which way these go.
        return "read right all the same"
    return found


def test_every_wrong_row_is_found() -> None:
    counts, silent = Counter[tuple[str, str]](), list[str]()
    for number in range(many(500, 5000)):
        of, kind = FORMATS[number % 4], KINDS[number // 4 % 4]
        found = check(of, random.Random(SEED + number), kind)
        counts[of.name, found] += 1
        if not found:
            silent.append(f"{of.name}, {kind}: {SEED + number}")
    Console().print(dict(counts))
    assert silent == []


def test_nothing_is_wrong_with_right_files() -> None:
    seeds = range(SEED, SEED + many(40, 500))

    found = {check(of, random.Random(seed)) for of in FORMATS for seed in seeds}

    assert found == {""}

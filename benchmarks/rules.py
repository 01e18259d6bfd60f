"""Preview 100 rules over the transactions of one user, apply them, undo that, and import with them.

Texts have the frequencies of a language, as in `benchmarks.search`. Undoing has to restore every
row, which is compared by a digest of all of them.
"""

import asyncio
import json
import random
import statistics
import sys
import time
from typing import Any

import psycopg

from benchmarks.growth import SMALL, Ledger, _ledger
from benchmarks.search import VOCABULARY, _grow
from benchmarks.server import migrated_database
from domain.ledger.rules import (
    AmountCondition,
    Comparison,
    Condition,
    Direction,
    RuleChanges,
    TextCondition,
    TextField,
)
from domain.shared.ids import CategoryId
from domain.shared.result import Success

RULES = 100
ROUNDS = 3
CATEGORIES = 20

_DIGEST = """
SELECT md5(string_agg(md5(t::text), '' ORDER BY id)) FROM (
    SELECT id, payee, payee_name, category_id, category, category_source, tags, splits
    FROM ledger_transaction WHERE user_id = %s
) t
"""


def rules(categories: list[CategoryId]) -> list[RuleChanges]:
    """Return rules with one to three conditions, about frequent words and rare ones."""
    pick = random.Random(7)
    return [_rule(pick, number, pick.choice(categories)) for number in range(RULES)]


def _rule(pick: random.Random, number: int, category_id: CategoryId) -> RuleChanges:
    word = f"{pick.choice('wm')}{int(VOCABULARY * pick.random() ** 4):05}"
    text = TextCondition(
        where=pick.choice(list(TextField)),
        comparison=pick.choice([Comparison.CONTAINS, Comparison.STARTS_WITH]),
        value=word,
    )
    conditions: list[Condition] = [text]
    if number % 3 == 0:
        conditions.append(AmountCondition(direction=Direction.OUTGOING, currency="EUR"))
    if number % 10 == 0:
        # About every transaction.
        conditions = [
            TextCondition(where=TextField.TEXT, comparison=Comparison.CONTAINS, value="e")
        ]
    return RuleChanges(
        name=f"Rule {number}",
        conditions=tuple(conditions),
        category_id=category_id,
        tags=(f"tag-{number % 5}",),
        payee_name=f"Payee {number}" if number % 2 else "",
    )


async def _prepared(ledger: Ledger) -> list[RuleChanges]:
    from dashtam.application.ledger.categories import AddCategory
    from dashtam.application.ledger.rules import AddRule
    from dashtam.container import container

    categories: list[CategoryId] = []
    for number in range(CATEGORIES):
        added = await container.use(AddCategory)(user_id=ledger.user_id, name=f"C{number}")
        assert isinstance(added, Success)
        categories.append(added.value.id)
    said = rules(categories)
    for each in said:
        assert isinstance(await container.use(AddRule)(each, user_id=ledger.user_id), Success)
    return said


async def _timed(use_case: type[Any], **arguments: Any) -> tuple[float, Any]:
    """Return the seconds of a use case, and its result."""
    from dashtam.container import container

    began = time.perf_counter()
    done = await container.use(use_case)(**arguments)
    took = time.perf_counter() - began
    assert isinstance(done, Success)
    return took, done.value


def _digest(url: str, ledger: Ledger) -> str:
    with psycopg.connect(url) as connection:
        found = connection.execute(_DIGEST, (ledger.user_id,)).fetchone()
    assert found
    return str(found[0])


async def _imports(ledger: Ledger) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await ledger.bring()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


async def _measure(url: str, rows: int) -> dict[str, float]:
    from dashtam.application.ledger.apply_rules import ApplyRules, PreviewRules
    from dashtam.application.ledger.rule_applications import UndoRuleApplication
    from dashtam.container import container

    ledger, plain = await _ledger("rules@dashtam.example"), await _ledger("plain@dashtam.example")
    if rows > SMALL:
        _grow(url, ledger, rows)
    who = {"user_id": ledger.user_id}
    await _prepared(ledger)
    before = _digest(url, ledger)
    previews = [await _timed(PreviewRules, **who) for _ in range(ROUNDS)]
    apply, application = await _timed(ApplyRules, **who)
    assert application.transactions == previews[0][1].changed
    after = _digest(url, ledger)
    undo, undone = await _timed(UndoRuleApplication, rule_application_id=application.id, **who)
    restored = _digest(url, ledger) == before != after
    assert undone.restored == application.transactions
    with_rules, without = await _imports(ledger), await _imports(plain)
    await container.drain()
    container.database.close()
    return {
        "preview": statistics.median(took for took, _ in previews),
        "changed": application.transactions,
        "apply": apply,
        "undo": undo,
        "restored": float(restored),
        "import_ratio": with_rules / without,
    }


def main(rows: int) -> dict[str, float]:
    with migrated_database() as url:
        return asyncio.run(_measure(url, rows))


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))

"""A new scheme of fingerprints: nothing of the ledger changes, and nothing is entered twice."""

import asyncio
import os
import random
import subprocess
import sys
import time
from contextvars import copy_context
from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.db import connection

from adapters.persistence.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import FingerprintModel, SightingModel, TransactionModel
from adapters.persistence.outbox.models import OutboxModel
from adapters.persistence.roles import Role
from adapters.statements.ofx import OfxReader
from dashtam import keys
from dashtam.application.ledger.add_fingerprints import AddedFingerprints, AddFingerprints
from dashtam.application.ledger.import_statement import ImportStatement
from dashtam.container import container
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.identity import Scheme
from domain.ledger.imports import StatementImport
from domain.ledger.values import StatementFile
from domain.ledger.verdicts import Verdict
from domain.shared.ids import AccountId, TransactionId, UserId
from domain.shared.result import Failure, Result, Success
from tests import camt
from tests.lanes import SEED, many
from tests.postgres import as_login, url_of
from tests.schemes import BOTH, with_exact_text, without_punctuation
from tests.statements import days, ofx, statement, transaction

DAYS = [*days(6)]
PENDING = (
    "<STMTTRNP><TRNTYPE>DEBIT<DTTRAN>20260310<DTPOSTED>20260310<TRNAMT>-77.00"
    "<NAME>Hotel, Lisbon<FITID></STMTTRNP>\n"
)
POSTED = transaction("-77.00", "20260312", "H1", "Hotel Lisbon 0042")
ALIKE = [transaction("-2.40", "20260303", "", name) for name in ("Bakery", "BAKERY", "Bakery.")]
ONE_LINE = (
    "<Ntry><Amt Ccy='EUR'>9.99</Amt><CdtDbtInd>DBIT</CdtDbtInd>"
    "<BookgDt><Dt>2026-03-04</Dt></BookgDt></Ntry>"
)
FILES = [
    ofx(statement(*days(4))),
    ofx(statement(*ALIKE)),
    ofx(statement(*ALIKE[1:])),
    ofx(statement(*DAYS[2:], *ALIKE)),
    camt.message(camt.statement(*[ONE_LINE] * 3, camt.entry())),
    ofx(statement(PENDING)),
    ofx(statement(POSTED)),
    ofx(statement(*days(2), number="other"), statement(*ALIKE[:1], number="other")),
    b"Date,Amount,Currency,Description\n"
    b"2026-03-05,-1.00,EUR,Till. 1\n2026-03-05,-1.00,EUR,Till 1\n",
]
SAID = ReadingHints(account="mine", currency="EUR")


async def someone(email: str = "ada@example.org") -> UserId:
    made = await container.register_user(email=email, password="correct horse battery")
    assert isinstance(made, Success)
    await container.drain()
    return made.value.id


def importing(scheme: Scheme | None = None) -> ImportStatement:
    """Return the use case as it is, or as it is once another scheme is current."""
    if scheme is None:
        return container.import_statement
    bring = container.bring_statement
    bring = replace(
        bring,
        enter_statement=replace(bring.enter_statement, scheme=scheme),
        # Another scheme is another release: what this one has read is read again.
        repeat_import=replace(bring.repeat_import, edition=scheme.__name__),
    )
    return replace(container.import_statement, bring_statement=bring)


async def bring(
    user_id: UserId, content: bytes, scheme: Scheme | None = None, into: AccountId | None = None
) -> StatementImport:
    done = await importing(scheme)(
        user_id=user_id, file_name="x", content=content, hints=SAID, account_id=into
    )
    assert isinstance(done, Success), done
    return done.value


def adding(scheme: Scheme = without_punctuation) -> AddFingerprints:
    return replace(container.add_fingerprints, schemes={**BOTH, 2: scheme})


async def add(user_id: UserId, scheme: Scheme = without_punctuation) -> AddedFingerprints:
    done = await adding(scheme)(user_id=user_id, scheme=2)
    assert isinstance(done, Success), done
    return done.value


@sync_to_async
def tables() -> dict[str, list[Any]]:
    """Return all of the ledger but the fingerprints, column by column."""
    with connection.cursor() as cursor:
        names = [
            name
            for name in connection.introspection.table_names(cursor)
            if name.startswith("ledger_") and name != "ledger_fingerprint"
        ]
        found = {}
        for name in names:
            cursor.execute(f"SELECT to_jsonb(t) FROM {name} t ORDER BY 1")
            found[name] = cursor.fetchall()
    return found


async def verdicts(done: StatementImport) -> list[str]:
    rows = SightingModel.objects.filter(source_id=done.id).order_by("place", "line", "id")
    return [verdict async for verdict in rows.values_list("verdict", flat=True)]


async def transactions_of(done: StatementImport) -> set[Any]:
    rows = SightingModel.objects.filter(source_id=done.id)
    return {each async for each in rows.values_list("transaction_id", flat=True)}


async def ledger_with_a_past(user_id: UserId) -> list[StatementImport]:
    """Import all files, delete a row, and take an import back that others overlap with."""
    done = [await bring(user_id, content) for content in FILES]
    deleted = await TransactionModel.objects.filter(description="Shop 3").afirst()
    assert deleted
    gone = await container.delete_transaction(
        transaction_id=TransactionId(deleted.id), user_id=user_id
    )
    assert gone == Success(None)
    for undone in (done[1], done[4]):
        taken_back = await container.undo_import(import_id=undone.id, user_id=user_id)
        assert isinstance(taken_back, Success)
    return done


@pytest.mark.usefixtures("committing_database")
class TestAnUpgrade:
    async def test_changes_nothing_and_enters_nothing_twice(self) -> None:
        user_id = await someone()
        first = await ledger_with_a_past(user_id)
        before = await tables()
        assert {"ledger_transaction", "ledger_stage", "ledger_transaction_version"} <= {*before}

        done = await add(user_id)

        assert (done.imports, list(done.differing)) == (len(FILES), [])
        assert await tables() == before
        assert done.added == await FingerprintModel.objects.filter(scheme=2).acount()
        ids = {row.id async for row in TransactionModel.objects.all()}
        for content, earlier in zip(FILES, first, strict=True):
            again = await bring(user_id, content, without_punctuation)
            assert await transactions_of(again) == await transactions_of(earlier)
            expected = await verdicts(await bring(user_id, content))
            if earlier.id not in (first[1].id, first[4].id):
                assert again.new == again.conflict == again.updates == 0
                assert await verdicts(again) == expected
        assert {row.id async for row in TransactionModel.objects.all()} == ids
        await container.drain()

    async def test_what_the_first_stated_the_second_states(self) -> None:
        user_id = await someone()
        first = [await bring(user_id, content) for content in FILES]
        await add(user_id)
        for content in FILES:
            await bring(user_id, content, without_punctuation)
        standing = TransactionModel.objects.filter(removal=None)
        before = {(row.id, row.status) async for row in standing}

        for each in first:
            undone = await container.undo_import(import_id=each.id, user_id=user_id)
            assert isinstance(undone, Success)

        assert {(row.id, row.status) async for row in standing.all()} == before
        await container.drain()

    async def test_what_was_undone_comes_back_as_itself(self) -> None:
        user_id = await someone()
        first = await bring(user_id, FILES[1])
        await container.undo_import(import_id=first.id, user_id=user_id)
        await add(user_id)

        again = await bring(user_id, FILES[1], without_punctuation)

        assert again.new == 3
        assert await transactions_of(again) == await transactions_of(first)
        await container.drain()

    async def test_without_it_rows_would_be_entered_twice(self) -> None:
        user_id = await someone()
        await bring(user_id, FILES[1])

        assert (await bring(user_id, FILES[1], without_punctuation)).new == 3
        await container.drain()

    async def test_goes_on_from_where_it_was(self) -> None:
        user_id = await someone()
        await bring(user_id, FILES[0])
        assert (await add(user_id)).added == 4
        assert (await add(user_id)).added == 0
        await bring(user_id, FILES[3])

        assert (await add(user_id)).added == 5
        assert await self._told() == [4, 5]
        assert not await OutboxModel.objects.filter(type="fingerprints.added").aexists()
        await container.drain()

    async def test_after_it_rows_are_of_the_new_scheme(self) -> None:
        user_id = await someone()
        await bring(user_id, FILES[0])
        await add(user_id)
        grown = await bring(user_id, FILES[3], without_punctuation)
        assert (grown.new, grown.same) == (5, 2)

        assert (await add(user_id)).added == 0
        assert (await bring(user_id, FILES[3], without_punctuation)).same == 7
        await container.drain()

    async def test_goes_from_a_coarse_scheme_to_a_finer_one(self) -> None:
        user_id = await someone()
        files = [*FILES[:4], *FILES[5:]]
        for content in files:
            await bring(user_id, content)
        await add(user_id)
        for content in files:
            await bring(user_id, content, without_punctuation)

        await adding()(user_id=user_id, scheme=1)
        finer = replace(container.add_fingerprints, schemes={3: with_exact_text})
        assert isinstance(await finer(user_id=user_id, scheme=3), Success)

        for content in files:
            assert (await bring(user_id, content, with_exact_text)).new == 0
        await container.drain()

    async def test_rows_of_an_account_that_was_said(self) -> None:
        user_id = await someone()
        into = (await bring(user_id, FILES[0])).statements[0].account_id
        renumbered = ofx(statement(*DAYS[4:], number="new"))
        await bring(user_id, renumbered, into=into)

        assert (await add(user_id)).added == 6
        assert (await bring(user_id, renumbered, without_punctuation, into=into)).same == 2
        await container.drain()

    async def test_a_file_that_reads_otherwise_is_told_and_left_alone(self) -> None:
        user_id = await someone()
        done = [await bring(user_id, content) for content in FILES[:2]]
        use_case = adding()
        reread = use_case.reread_import
        reading = replace(reread.bring_statement.read_statement, readers=[ForgetfulReader()])
        bringing = replace(reread.bring_statement, read_statement=reading)
        otherwise = replace(use_case, reread_import=replace(reread, bring_statement=bringing))

        added = await otherwise(user_id=user_id, scheme=2)

        assert added == Success(AddedFingerprints(2, 3, [done[0].id]))
        assert await FingerprintModel.objects.acount() == 3
        await container.drain()

    async def test_is_of_one_user_alone(self) -> None:
        ada, eve = await someone(), await someone("eve@example.org")
        for user_id in (ada, eve):
            await bring(user_id, FILES[0])

        assert (await add(ada)).imports == 1

        owners = FingerprintModel.objects.values_list("user_id", flat=True).distinct()
        assert [owner async for owner in owners] == [ada]
        await container.drain()

    async def test_waits_for_an_import_under_way(self) -> None:
        user_id = await someone()
        done = await bring(user_id, FILES[0])
        beside = copy_context()
        async with container.unit_of_work(owner=user_id):
            locked = await container.accounts.lock({done.statements[0].account_id}, owner=user_id)
            assert locked == Success(None)
            adding_now = asyncio.create_task(add(user_id), context=beside)
            assert await asyncio.wait({adding_now}, timeout=0.5) == (set(), {adding_now})
            assert await FingerprintModel.objects.acount() == 0
        assert (await adding_now).added == 4
        await container.drain()

    async def _told(self) -> list[int]:
        entries = AuditEntryModel.objects.filter(action="fingerprints.added").order_by("id")
        return [details["count"] async for details in entries.values_list("details", flat=True)]


class ForgetfulReader(OfxReader):
    """Reads no fourth row."""

    def read(self, content: bytes, hints: ReadingHints = NO_HINTS) -> Result[StatementFile, Any]:
        read = super().read(content, hints)
        if isinstance(read, Failure):
            return read
        fewer = [replace(each, rows=each.rows[:3]) for each in read.value.statements]
        return Success(replace(read.value, statements=fewer))


SCRIPT = """
import django
django.setup()
from django.core.management import call_command
from dashtam.container import container
from tests.schemes import BOTH
container.fingerprint_schemes = BOTH
call_command("add_fingerprints", scheme=2)
"""


def start(database: str) -> "subprocess.Popen[bytes]":
    # The keys of both are made by whoever comes first.
    assert keys.of("CREDENTIAL_KEYS")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "dashtam.settings",
        "DATABASE_URL": as_login(url_of(database), Role.APPLICATION),
        "DATA_DIR": str(settings.DATA_DIR),
    }
    command = [sys.executable, "-c", SCRIPT]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=settings.ROOT, env=environment, stdout=quiet)


def fingerprints() -> set[tuple[object, ...]]:
    """Return all pairs that are known."""
    rows = FingerprintModel.objects.values_list(
        "account_id", "fingerprint", "occurrence", "known_fingerprint", "known_occurrence"
    )
    return {(of, bytes(own), k, bytes(known), known_k) for of, own, k, known, known_k in rows}


def test_no_kill_changes_what_comes_of_it(committing_database: str) -> None:
    imports, kills, chance = many(40, 400), many(2, 20), random.Random(SEED)
    user_id = async_to_sync(someone)()
    for number in range(imports):
        row = transaction("-1.00", f"202603{number % 28 + 1:02}", "", f"Shop. {number // 56}")
        async_to_sync(bring)(user_id, ofx(statement(row, row)))
    async_to_sync(container.drain)()
    before = async_to_sync(tables)()

    for _ in range(kills):
        process, there = start(committing_database), FingerprintModel.objects.count()
        while process.poll() is None and FingerprintModel.objects.count() == there:
            time.sleep(0.002)
        time.sleep(chance.random() * 0.05)
        process.kill()
        process.wait()
    killed = fingerprints()
    stated = SightingModel.objects.filter(verdict=Verdict.NEW).count()
    assert 0 < len(killed) < stated, f"seed {SEED}"
    assert start(committing_database).wait() == 0

    assert killed <= fingerprints()
    assert async_to_sync(tables)() == before
    assert len(fingerprints()) == stated

"""Demonstrate Dashtam with a user and example statements."""

import asyncio
import re
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.management.base import BaseCommand, CommandError

from dashtam.application.audit.queries import ShowAuditTrail
from dashtam.application.identity.authenticate_request import AuthenticateRequest
from dashtam.application.identity.log_in import LogIn
from dashtam.application.identity.passwords import ResetPassword
from dashtam.application.identity.users import RegisterUser, VerifyEmail
from dashtam.application.ledger.accounts import ListAccounts
from dashtam.application.ledger.transactions import ListTransactions
from dashtam.console import (
    accounts_table,
    audit_table,
    console,
    expect,
    import_row,
    imports_table,
    set_command_origin,
    transactions_table,
)
from dashtam.container import container
from dashtam.management.commands.import_statement import import_file
from dashtam.management.roles import ensure_migrated
from domain.identity.errors import EmailTaken
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.ports import TransactionFilter
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Failure

EMAIL = "demo@dashtam.example"
PASSWORD = "twelve green bicycles at noon"  # noqa: S105
LATEST = 8


class Command(BaseCommand):
    """Registers, logs in, imports, reads, and shows the audit trail; a second run adds nothing."""

    help = "Register a user, import example statements and show the ledger, on this machine."

    def handle(self, **options: Any) -> None:
        ensure_migrated()
        asyncio.run(_demonstrate())


async def _demonstrate() -> None:
    set_command_origin("demo")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    started = container.ports.clock.now()
    user_id = await _enter()
    files = sorted((settings.ROOT / "examples" / "statements").iterdir())
    await _import("Import", files, user_id)
    again = await _import("The same files again", files, user_id)
    if not all(done.is_resubmitted for done in again):
        raise CommandError("The same files were imported again: this is a defect.")
    await _show_ledger(user_id)
    await container.drain()
    async with container.database.transaction(owner=user_id):
        entries = expect(await container.use(ShowAuditTrail)(since=started, limit=100))
    console.print(audit_table(entries))


async def _enter() -> UserId:
    """Register, unless an earlier run did, log in, and return the user's id."""
    registered = await container.use(RegisterUser)(email=EMAIL, password=PASSWORD)
    if isinstance(registered, Failure) and not isinstance(registered.error, EmailTaken):
        raise CommandError(registered.error.detail)
    await _read_mail()
    opened = expect(await container.use(LogIn)(email=EMAIL, password=PASSWORD))
    caller = expect(await container.use(AuthenticateRequest)(token=opened.access_token.text))
    return caller.user_id


async def _read_mail() -> None:
    """Verify the email address with the email, which stays in this process.

    After a run that was interrupted there may be two emails, of which the later one counts.
    """
    mail.outbox = []
    await container.drain()
    bodies = [str(email.body) for email in mail.outbox if EMAIL in email.to]
    tokens = re.findall(r"dashtam_mail_\w+", "\n".join(bodies))
    for token in tokens[-1:]:
        if isinstance(await container.use(VerifyEmail)(token=token, password=PASSWORD), Failure):
            # The first email is lost; the second one asks for a password.
            expect(await container.use(ResetPassword)(token=token, password=PASSWORD))


async def _import(title: str, files: list[Path], user_id: UserId) -> list[StatementImport]:
    table = imports_table(title)
    request = partial(ImportRequest, user_id=user_id)
    results = [await import_file(path, request) for path in files]
    for path, result in zip(files, results, strict=True):
        table.add_row(*import_row(path.name, result))
    console.print(table)
    return [expect(result) for result in results]


async def _show_ledger(user_id: UserId) -> None:
    accounts = expect(await container.use(ListAccounts)(user_id=user_id))
    console.print(accounts_table(accounts))
    latest = [await _latest(overview.account.id, user_id) for overview in accounts]
    rows = [transaction for page in latest for transaction in page]
    rows.sort(key=lambda row: (row.booking_date, row.id), reverse=True)
    console.print(transactions_table(rows[:LATEST]))


async def _latest(account_id: AccountId, user_id: UserId) -> list[Any]:
    page = await container.use(ListTransactions)(
        account_id=account_id, user_id=user_id, where=TransactionFilter(), after=None, limit=LATEST
    )
    return list(expect(page).items)

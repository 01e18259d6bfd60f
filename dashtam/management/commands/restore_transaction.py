"""Restore a transaction that its user deleted."""

import asyncio
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from dashtam.application.ledger.deleted_transactions import RestoreTransaction
from dashtam.console import expect, set_command_origin
from dashtam.container import container
from dashtam.management.people import add_user, find_user
from domain.ledger.entities import Transaction
from domain.shared.errors import OutcomeUnknown
from domain.shared.ids import TransactionId


class Command(BaseCommand):
    """Restores it as imports state it by now."""

    help = "Restore a transaction that its user deleted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("transaction_id", type=UUID, metavar="TRANSACTION_ID")
        add_user(parser)

    def handle(self, *, transaction_id: UUID, user: str, **options: Any) -> None:
        set_command_origin("restore_transaction")
        try:
            restored = asyncio.run(_restore(TransactionId(transaction_id), user))
        except OutcomeUnknown as error:
            raise CommandError(f"{error} Try again: it is restored once.") from None
        self.stdout.write(f"Restored {restored.id}.")


async def _restore(transaction_id: TransactionId, email: str) -> Transaction:
    user_id = await find_user(email)
    restore = container.use(RestoreTransaction)
    return expect(await restore(transaction_id=transaction_id, user_id=user_id))

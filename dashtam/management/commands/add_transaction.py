"""Add a transaction by hand."""

import asyncio
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from dashtam.application.ledger.transactions_by_hand import AddedTransaction, AddTransaction
from dashtam.console import expect, set_command_origin
from dashtam.container import container
from dashtam.management.people import add_user, find_user
from domain.ledger.allocations import Annotation, CategoryChoice
from domain.ledger.by_hand import Entry
from domain.ledger.kinds import TransactionKind
from domain.shared.errors import OutcomeUnknown
from domain.shared.ids import AccountId, CategoryId
from domain.shared.money import parse_decimal


class Command(BaseCommand):
    """Adds it to an account of any kind, in the currency of the account."""

    help = "Add a transaction by hand to an account."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_user(parser)
        parser.add_argument("--account-id", type=UUID, required=True, metavar="ID")
        parser.add_argument("--day", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
        parser.add_argument(
            "--amount", type=_amount, required=True, help="negative if money leaves the account"
        )
        parser.add_argument("--kind", choices=[each.value for each in TransactionKind])
        for name in ("payee", "memo", "note"):
            parser.add_argument(f"--{name}", default="")
        parser.add_argument("--category-id", type=UUID, metavar="ID")
        parser.add_argument("--tag", action="append", default=[], dest="tags")

    def handle(self, *, user: str, account_id: UUID, **options: Any) -> None:
        set_command_origin("add_transaction")
        try:
            added = asyncio.run(_add(AccountId(account_id), user, options))
        except OutcomeUnknown as error:
            raise CommandError(f"{error} See whether it was added before you repeat it.") from None
        self.stdout.write(f"Added {added.transaction.id}.")
        if added.suggested:
            self.stdout.write("The account may have it already: see the suggested matches.")


def _amount(text: str) -> Decimal:
    amount = parse_decimal(text)
    if amount is None:
        raise ArgumentTypeError(f"not an amount: {text}")
    return amount


async def _add(account_id: AccountId, email: str, options: dict[str, Any]) -> AddedTransaction:
    return expect(
        await container.use(AddTransaction)(
            _entry(options),
            account_id=account_id,
            user_id=await find_user(email),
            annotation=_annotation(options),
        )
    )


def _entry(options: dict[str, Any]) -> Entry:
    kind = options["kind"]
    return Entry(
        booking_date=options["day"],
        amount=options["amount"],
        kind=TransactionKind(kind) if kind else None,
        payee=options["payee"],
        memo=options["memo"],
    )


def _annotation(options: dict[str, Any]) -> Annotation:
    chosen = options["category_id"]
    return Annotation(
        note=options["note"] or None,
        category=CategoryChoice(CategoryId(chosen)) if chosen else None,
        tags=options["tags"] or None,
    )

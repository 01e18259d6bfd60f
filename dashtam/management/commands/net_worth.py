"""Show a user's net worth."""

import asyncio
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.table import Table

from dashtam.application.ledger.holdings import ShowNetWorth
from dashtam.console import console, expect, set_command_origin
from dashtam.container import container
from dashtam.management.people import find_user
from domain.ledger.net_worth import NetWorth, WorthPart
from domain.shared.money import Money, is_listed


class Command(BaseCommand):
    """Shows one day: each currency, and all of them in one, if asked for."""

    help = "Show a user's net worth on a day, in each currency and in one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, metavar="EMAIL", help="the user's email")
        parser.add_argument("--day", type=date.fromisoformat, metavar="DATE", help="not today")
        parser.add_argument("--currency", metavar="CODE", help="convert to this currency")

    def handle(self, *, user: str, day: date | None, currency: str | None, **options: Any) -> None:
        set_command_origin("net_worth")
        code = currency.upper() if currency else None
        if code and not is_listed(code):
            raise CommandError("Use the ISO 4217 code of a currency, such as EUR.")
        day = day or container.ports.clock.now().date()
        console.print(_table(asyncio.run(_worth(user, day, code)), day, code))


async def _worth(email: str, day: date, currency: str | None) -> NetWorth:
    user_id = await find_user(email)
    show = container.use(ShowNetWorth)
    return expect(await show(user_id=user_id, first=day, last=day, currency=currency))


def _table(worth: NetWorth, day: date, currency: str | None) -> Table:
    table = Table("Amount", title=f"Net worth on {day}", title_justify="left")
    table.columns[0].justify = "right"
    if currency is None:
        for item in worth.items:
            table.add_row(str(Money(item.total, item.currency)))
        return table
    for heading in (currency, "Rate", "Of"):
        table.add_column(heading, justify="right")
    for converted in worth.converted:
        for part in converted.parts:
            table.add_row(str(part.amount), *_converted(part, currency))
        table.add_section()
        table.add_row("", Money(converted.total, currency).digits, "", "")
    return table


def _converted(part: WorthPart, currency: str) -> tuple[str, str, str]:
    """Return what a part is worth, at which rate, and of which day and source that is."""
    if part.converted is None:
        return "not converted", "", ""
    amount = Money(part.converted, currency).digits
    if part.rate is None:
        return amount, "", ""
    return amount, f"{part.rate.shown:f}", f"{part.rate.day} {', '.join(part.rate.sources)}"

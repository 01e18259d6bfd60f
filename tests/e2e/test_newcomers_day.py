"""The first day of somebody new, over a live server: everything is done, and everything undone."""

import json
import os
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests import camt
from tests.canaries import PASSWORD
from tests.e2e.server import FORM, Server, form_of, running
from tests.postgres import as_login
from tests.statements import ofx, statement, transaction

pytestmark = pytest.mark.slow

CREDENTIALS = {"email": "grace@example.org", "password": PASSWORD}
OFX = ofx(
    statement(
        transaction("2500.00", "20260302", "P1", "Employer"),
        transaction("-900.00", "20260303", "R1", "Landlord"),
        balance="<LEDGERBAL><BALAMT>1600.00<DTASOF>20260331</LEDGERBAL>",
    )
)
CAMT = camt.message(
    camt.statement(
        camt.entry(),
        iban="DE02120300000000202051",
        balances=camt.balance("OPBD", "50.00", day="2026-03-01") + camt.balance("CLBD", "37.50"),
    )
)
MT940 = b"""
:20:STARTUMS
:25:50010517/5414367241
:28C:3/1
:60F:C260228EUR100,00
:61:2603020302D31,20NMSCNONREF
:86:005?00LASTSCHRIFT?20SVWZ+Invoice 7?32Power company
:62F:C260331EUR68,80
-
"""
#: Ten years of categories, in which the file names its account not.
QIF = b"""!Type:Cash
D3/14/2026
T-12.50
PBakery
LFood:Bread
^
D3/15/2026
T-40.00
PSupermarket
LFood
^
"""
CSV = b"Date,Description,Amount\n2026-03-04,Amazon,-19.99\n2026-03-05,Amazon refund,4.99\n"
#: The next file of the same card, under a name with a typing error; one row is in both.
CSV_AGAIN = b"Date,Description,Amount\n2026-03-05,Amazon refund,4.99\n2026-03-28,Books,-8.00\n"
DOLLARS = ofx(
    statement(
        transaction("-10.00", "20260310", "D1", "Taxi"),
        number="555",
        currency="USD",
        bank="SOUTHBANK",
        balance="<LEDGERBAL><BALAMT>110.00<DTASOF>20260331</LEDGERBAL>",
    )
)


def zipped(content: bytes) -> bytes:
    """Return a file as banks offer a whole year for download."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("2026.ofx", content)
    return archive.getvalue()


SAVINGS = zipped(
    ofx(
        statement(
            transaction("25.00", "20260331", "I1", "Interest"),
            number="987654321",
            balance="<LEDGERBAL><BALAMT>1025.00<DTASOF>20260331</LEDGERBAL>",
        )
    )
)


@pytest.fixture
def server(committing_database: str) -> Iterator[Server]:
    """The application with the rights it has in production."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{committing_database}")
    with running(as_login(url.geturl(), "dashtam_app")) as server:
        yield server


class Day:
    """What is done in the course of the day, and how to undo it, the last first."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.to_undo: list[Callable[[], object]] = []

    def do(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        kind = "application/json" if content else ""
        status, answer = self.server.call(method, f"/api/v1/{path}", content, kind)
        assert status in (200, 201, 204), (path, answer)
        return answer

    def imports(self, content: bytes, new: int, **said: str) -> dict[str, Any]:
        """Import a file; return its statement."""
        status, done = self.server.upload(content, **said)
        assert status == 201, done
        assert (done["new"], done["quarantined"]) == (new, []), done
        self.undo_by(f"imports/{done['id']}")
        (outcome,) = done["statements"]
        return dict(outcome)

    def accounts(self) -> dict[str, dict[str, Any]]:
        return {each["name"]: each for each in self.server.get("/api/v1/accounts")["items"]}

    def exports(self) -> list[bytes]:
        kinds = ("csv", "ofx", "beancount")
        return [self.server.download(f"/api/v1/export?format={each}") for each in kinds]

    def end(self) -> None:
        """Undo everything, the last first."""
        while self.to_undo:
            self.to_undo.pop()()

    def undo_by(self, path: str) -> None:
        self.to_undo.append(partial(self.do, "DELETE", path))

    def undo_imports_of(self, account_id: str) -> None:
        """Undo what is imported into an account then: a merge that is undone imports again."""
        for each in self.do("GET", f"imports?status=done&account_id={account_id}")["items"]:
            self.do("DELETE", f"imports/{each['id']}")


def test_everything_of_the_day_can_be_undone(server: Server) -> None:
    server.enter(CREDENTIALS)
    day = Day(server)
    first = day.imports(OFX, 2)
    day.to_undo.clear()
    beginning = day.exports()

    _import_six_more_files(day)
    _recognise_every_account(day, first["account_id"])
    _repair_a_typing_error(day)
    _find_the_categories(day)
    _enter_a_cash_payment(day)
    _convert_net_worth(day)

    assert day.exports() != beginning
    day.end()
    assert day.exports() == beginning
    for name in ("Cash", "Amazon card", "Amazom card"):
        day.do("DELETE", f"accounts/{day.accounts()[name]['id']}")


def _import_six_more_files(day: Day) -> None:
    day.imports(CAMT, 1)
    day.imports(MT940, 1)
    day.imports(QIF, 2, account_name="Cash", currency="EUR", date_order="month_first")
    day.imports(CSV, 2, account_name="Amazon card", currency="EUR")
    day.imports(DOLLARS, 1)
    day.imports(SAVINGS, 1)
    formats = {each["format"] for each in day.server.get("/api/v1/imports")["items"]}
    # An archive has the format of what is in it.
    assert formats == {"camt", "csv", "mt940", "ofx", "qif"}


def _recognise_every_account(day: Day, first: str) -> None:
    """Names are of bank, kind and last digits, or the owner's; a new name is for the account."""
    names = set(day.accounts())
    assert {"Cash", "Amazon card"} <= names
    for number in ("0300", "7241", "555"):
        assert any(number in each for each in names), (number, names)
    before = day.do("GET", f"accounts/{first}")["name"]
    renamed = day.do("PATCH", f"accounts/{first}", {"name": "Giro"})
    assert (renamed["name"], renamed["number"]) == ("Giro", "100200300")
    day.do("PATCH", f"accounts/{first}", {"name": before})


def _repair_a_typing_error(day: Day) -> None:
    stays = day.accounts()["Amazon card"]["id"]
    said = {"account_name": "Amazom card", "currency": "EUR"}
    status, asked = day.server.upload(CSV_AGAIN, **said)
    assert (status, asked["questions"][0]["field"]) == (422, "similar_accounts")
    typo = day.imports(CSV_AGAIN, 2, **said, similar_accounts="different")["account_id"]
    body = {"account_id": stays, "merged_id": typo}

    shown = day.do("POST", "account-merges/preview", body)
    merge = day.do("POST", "account-merges", body)

    assert (shown["rows"]["new"], shown["rows"]["same"]) == (1, 1)
    assert merge["rows"] == shown["rows"]
    assert "Amazom card" not in day.accounts()
    rows = day.do("GET", f"accounts/{stays}/transactions")["items"]
    assert sorted(each["amount"] for each in rows) == ["-19.99", "-8.00", "4.99"]
    day.to_undo[-1] = partial(day.undo_imports_of, typo)
    day.undo_by(f"account-merges/{merge['id']}")


def _find_the_categories(day: Day) -> None:
    cash = day.accounts()["Cash"]["id"]
    rows = day.do("GET", f"accounts/{cash}/transactions")["items"]
    assert {each["category"] for each in rows} == {"Food", "Food:Bread"}
    assert day.do("GET", "transactions?q=bak&category=Food:Bread")["items"] == [rows[1]]


def _enter_a_cash_payment(day: Day) -> None:
    cash = day.accounts()["Cash"]["id"]
    market = {"booking_date": "2026-03-16", "amount": "-7.50", "payee": "Market", "kind": "cash"}
    written = day.do("POST", f"accounts/{cash}/transactions", market)["transaction"]
    day.undo_by(f"imports/{written['import_id']}")
    day.do("PUT", f"accounts/{cash}/opening-balance", {"day": "2026-03-14", "amount": "100.00"})
    day.undo_by(f"accounts/{cash}/opening-balance")
    balance = day.do("GET", f"accounts/{cash}")["balance"]
    # 100.00 − 12.50 − 40.00 − 7.50
    assert (balance["amount"], balance["source"]) == ("40.00", "derived")


def _convert_net_worth(day: Day) -> None:
    rate = "exchange-rates/2026-03-31/EUR/USD"
    day.do("PUT", rate, {"rate": "1.10"})
    day.undo_by(rate)
    asked = "net-worth?date_from=2026-03-31&date_to=2026-03-31&currency=EUR"
    (shown,) = day.do("GET", asked)["converted"]
    # 1600.00 + 37.50 + 68.80 + 40.00 + 1025.00 euros, and 110.00 dollars at the rate of that day.
    assert (shown["total"], shown["is_complete"]) == ("2871.30", True)
    (rate_shown,) = [each["rate"] for each in shown["parts"] if each["currency"] == "USD"]
    assert (rate_shown["day"], rate_shown["sources"]) == ("2026-03-31", ["typed"])


def test_a_preview_is_a_form(server: Server) -> None:
    """Questions come with the file, which waits for the answers."""
    server.enter({"email": "ada@example.org", "password": PASSWORD})
    path = "/api/v1/imports/preview"
    status, asked = server.call("POST", path, form_of(CSV), FORM)
    assert status == 422
    assert {each["field"] for each in asked["questions"]} >= {"account_name", "currency"}

"""Apps that read accounts, as programs of others do."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any, Self
from urllib.parse import quote, urlsplit

from tests.api.client import Api, Reply
from tests.api.test_holdings import import_file
from tests.camt import NTRY, balance, entry, message
from tests.camt import statement as camt_statement
from tests.statements import ofx, statement, transaction

#: Noon UTC of 1 March 2026, and a day.
NOON, DAY = 1772366400, 86400


class App:
    """An app that has claimed a setup token."""

    def __init__(self, access_url: str) -> None:
        self.access_url = access_url
        parts = urlsplit(access_url)
        self.credentials = f"{parts.username}:{parts.password}"
        self.root = parts.path
        #: The app has no session.
        self._client = Api()

    @classmethod
    async def claimed(cls, setup_token: str) -> Self:
        reply = await claim(setup_token)
        assert reply.status_code == 200, reply.text
        return cls(reply.text)

    async def get(self, query: str = "", method: str = "get") -> Reply:
        said = b64encode(self.credentials.encode()).decode()
        return await self._client.call(
            method,
            f"{self.root}/accounts{query and f'?{query}'}",
            headers={"Authorization": f"Basic {said}"},
        )

    async def read(self, query: str = "") -> Any:
        reply = await self.get(query)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def accounts(self, query: str = "") -> dict[str, Any]:
        """Return the accounts by name."""
        return {each["name"]: each for each in (await self.read(query))["accounts"]}


def claim_path(setup_token: str) -> str:
    """Return the path that an app posts to."""
    return urlsplit(b64decode(setup_token).decode()).path


async def claim(setup_token: str) -> Reply:
    return await Api().call("post", claim_path(setup_token))


async def connect(api: Api, account_ids: Sequence[str] | None = None, name: str = "Actual") -> App:
    """Connect an app of this user's."""
    body = {"name": name, "account_ids": account_ids and list(account_ids)}
    made = await api.post("connected-apps", body)
    assert made.status_code == 201, made.text
    return await App.claimed(made.json()["setup_token"])


CHECKING = ofx(
    statement(
        transaction("-12.50", "20260301", "C1", "Coffee house"),
        transaction("-7", "20260302", "C2", "Bakery"),
        transaction("1000.00", "20260303", "C3", "Salary"),
    )
)
PENDING = message(
    camt_statement(
        entry(NTRY),
        entry(NTRY.replace("BOOK", "PDNG").replace("B1", "B2").replace("03-01", "03-05")),
        balances=balance("CLBD", "80"),
    )
)
#: The pending one of them, when it was booked.
BOOKED = message(
    camt_statement(entry(NTRY.replace("B1", "B2").replace("03-01", "03-05"))),
)
YEN = ofx(
    statement(
        transaction("-9000", "20260304", "Y1", "Tea house"),
        number="7",
        currency="JPY",
        bank="TOKYO",
        balance="<LEDGERBAL><BALAMT>41000<DTASOF>20260331</LEDGERBAL>",
    )
)
FUNDS = (
    "POSITIONS 500 investment EUR 2026-03-31\nbalance available 100.00 2026-03-31\n"
    "holding LU1 10.5 120.00\nholding LU2 -2 -\n"
)


async def fill(api: Api) -> None:
    """Import accounts of several kinds, with pending transactions and positions."""
    for content in (CHECKING, PENDING, YEN):
        assert (await api.upload(content)).status_code == 201
    await import_file(api, FUNDS)
    names = {"100200300": "Everyday", "DE01": "Card", "7": "Yen", "500": "Funds"}
    for each in (await api.get("accounts")).json()["items"]:
        changed = await api.patch(f"accounts/{each['id']}", {"name": names[each["number"]]})
        assert changed.status_code == 200


async def ids(api: Api) -> dict[str, str]:
    """Return the ids of accounts by their names."""
    return {each["name"]: each["id"] for each in (await api.get("accounts")).json()["items"]}


def query(**parameters: str | int) -> str:
    """Return a query with the parameters of the protocol, in which words have hyphens."""
    return "&".join(f"{name.replace('_', '-')}={quote(str(v))}" for name, v in parameters.items())

"""SimpleFIN: what programs of others demand of a server, each as it was found to fail without.

Actual and the library of Home Assistant themselves are run by `make interop`.
"""

import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.conf import LazySettings

from adapters.audit.models import AuditEntryModel
from adapters.persistence.sharing.models import ConnectedAppModel
from dashtam.api import limits
from dashtam.application.sharing import app_access
from dashtam.container import container
from domain.shared.limits import Limit
from tests.api.apps import (
    BOOKED,
    CHECKING,
    DAY,
    NOON,
    App,
    claim,
    claim_path,
    connect,
    fill,
    ids,
    query,
)
from tests.api.client import Api, Reply
from tests.statements import ofx, statement, transaction

DECIMALS = re.compile(r"-?\d+\.\d{2,10}")
#: Everything that some program reads without a look whether it is there.
OF_ANSWER = {"errors", "errlist", "connections", "accounts"}
OF_ACCOUNT = {"org", "id", "conn_id", "name", "currency", "balance", "available-balance"}
OF_ACCOUNT |= {"balance-date", "transactions", "holdings"}
OF_ORG = {"name", "domain", "id", "sfin-url"}
OF_TRANSACTION = {"id", "posted", "transacted_at", "amount", "description", "payee", "memo"}
OF_TRANSACTION |= {"pending"}


async def household(api: Api) -> App:
    """Enter with accounts, all of which an app reads."""
    await api.enter()
    await fill(api)
    return await connect(api)


def errors_of(reply: Reply) -> list[str]:
    """Return the sentences of an error, after a look at its form in both versions."""
    assert reply.headers["Content-Type"] == "application/json"
    body = reply.json()
    assert body.keys() == {"errors", "errlist"}
    assert [each["msg"] for each in body["errlist"]] == body["errors"]
    return list(body["errors"])


class TestShape:
    async def test_has_the_fields_of_both_versions(self, api: Api) -> None:
        app = await household(api)

        for words in ("", "version=1", "version=2", query(pending=1), query(balances_only=1)):
            answer = await app.read(words)
            assert answer.keys() == OF_ANSWER
            assert answer["errors"] == answer["errlist"] == []
            assert len(answer["accounts"]) == 4
            connections = {each["conn_id"]: each for each in answer["connections"]}
            for account in answer["accounts"]:
                assert account.keys() == OF_ACCOUNT
                assert account["org"].keys() == OF_ORG
                connection = connections[account["conn_id"]]
                assert connection["name"] == account["org"]["name"] != ""
                assert connection["org_id"] == account["org"]["id"]
                assert account["org"]["domain"]
                assert isinstance(account["transactions"], list)
                for each in account["transactions"]:
                    assert each.keys() == OF_TRANSACTION

    async def test_says_what_the_ledger_says(self, api: Api) -> None:
        app = await household(api)

        accounts = await app.accounts()

        everyday = accounts["Everyday"]
        assert everyday["currency"] == "EUR"
        assert (everyday["balance"], everyday["balance-date"]) == ("100.00", NOON + 30 * DAY)
        coffee, bakery, salary = everyday["transactions"]
        assert [each["amount"] for each in (coffee, bakery, salary)] == [
            "-12.50",
            "-7.00",
            "1000.00",
        ]
        assert [each["posted"] for each in (coffee, bakery, salary)] == [
            NOON,
            NOON + DAY,
            NOON + 2 * DAY,
        ]
        assert (coffee["description"], coffee["payee"]) == ("Coffee house", "Coffee house")
        assert all(each["transacted_at"] == each["posted"] for each in (coffee, bakery, salary))
        shown = (await api.get("transactions")).json()["items"]
        assert {coffee["id"], bakery["id"], salary["id"]} < {each["id"] for each in shown}

    async def test_ids_of_transactions_are_unique_and_stay(self, api: Api) -> None:
        app = await household(api)

        first, second = await app.read(query(pending=1)), await app.read(query(pending=1))

        assert first == second
        found = [row["id"] for each in first["accounts"] for row in each["transactions"]]
        assert len(found) == len(set(found)) == 6

    async def test_amounts_are_texts_with_at_least_two_decimals(self, api: Api) -> None:
        """Actual removes the point and reads cents: 9000 would be 90."""
        app = await household(api)

        answer = await app.read(query(pending=1))

        for account in answer["accounts"]:
            for each in (account, *account["transactions"], *account["holdings"]):
                for name in ("balance", "available-balance", "amount", "market_value", "shares"):
                    assert DECIMALS.fullmatch(each.get(name, "0.00")), each
        yen = {each["name"]: each for each in answer["accounts"]}["Yen"]
        assert (yen["balance"], yen["transactions"][0]["amount"]) == ("41000.00", "-9000.00")

    async def test_pending_transactions_have_a_day_but_are_not_posted(self, api: Api) -> None:
        app = await household(api)

        card = (await app.accounts(query(pending=1)))["Card"]

        booked, pending = card["transactions"]
        assert (booked["posted"], booked["pending"]) == (NOON, False)
        assert (pending["posted"], pending["pending"]) == (0, True)
        assert pending["transacted_at"] == NOON + 4 * DAY
        assert (pending["payee"], pending["amount"]) == ("Coffee house", "-12.50")
        # It is not in the balance.
        assert card["balance"] == "80.00"

    async def test_a_pending_transaction_keeps_its_id_when_it_is_booked(self, api: Api) -> None:
        app = await household(api)
        pending = (await app.accounts(query(pending=1)))["Card"]["transactions"][1]

        assert (await api.upload(BOOKED)).status_code == 201

        booked = (await app.accounts())["Card"]["transactions"][1]
        assert (booked["id"], booked["pending"]) == (pending["id"], False)
        assert booked["posted"] == NOON + 4 * DAY

    @pytest.mark.parametrize("said", ["", "pending=0", "pending=", "pending=true", "pending=2"])
    async def test_only_1_means_pending(self, api: Api, said: str) -> None:
        app = await household(api)

        card = (await app.accounts(said))["Card"]

        assert [each["pending"] for each in card["transactions"]] == [False]

    async def test_balances_alone_have_no_transactions_but_a_list(self, api: Api) -> None:
        app = await household(api)

        accounts = await app.accounts(query(balances_only=1, pending=1))

        assert [each["transactions"] for each in accounts.values()] == [[]] * 4
        assert accounts["Everyday"]["balance"] == "100.00"

    async def test_no_text_says_that_a_connection_needs_attention(self, api: Api) -> None:
        """With this sentence, Actual imports nothing of the bank."""
        await api.enter()
        await api.upload(ofx(statement(transaction(), bank="X", balance="")))
        app = await connect(api)

        answer = await app.read()

        assert answer["errors"]
        for account in answer["accounts"]:
            attention = f"Connection to {account['org']['name']} may need attention"
            assert not [each for each in answer["errors"] if each.startswith(attention)]

    async def test_positions_have_the_names_of_the_bridge(self, api: Api) -> None:
        app = await household(api)

        funds = (await app.accounts())["Funds"]

        first, second = funds["holdings"]
        assert first == {
            "id": first["id"],
            "created": NOON + 30 * DAY,
            "currency": "EUR",
            "cost_basis": "0.00",
            "cost-basis": "0.00",
            "purchase_price": "0.00",
            "purchase-price": "0.00",
            "description": "Fund LU1",
            "symbol": "FND",
            "market_value": "120.00",
            "market-value": "120.00",
            "shares": "10.50",
        }
        assert (second["shares"], second["market_value"]) == ("-2.00", "0.00")
        assert funds["balance"] == "100.00"

    async def test_banks_have_domains_of_their_own(self, api: Api) -> None:
        """Actual takes accounts with one domain and name for accounts of one bank."""
        app = await household(api)

        accounts = await app.accounts()

        domains = {name: each["org"]["domain"] for name, each in accounts.items()}
        assert len(set(domains.values())) == 3
        assert domains["Everyday"] == domains["Card"]
        for domain in domains.values():
            assert re.fullmatch(r"[a-z0-9-]{1,63}\.invalid", domain)


class TestWindow:
    @pytest.mark.parametrize(
        ("window", "days"),
        [
            (query(start_date=NOON), [1, 2, 3]),
            (query(start_date=NOON + 1), [2, 3]),
            (query(start_date=NOON + DAY - 1), [2, 3]),
            (query(end_date=NOON + 2 * DAY), [1, 2]),
            (query(end_date=NOON + 2 * DAY + 1), [1, 2, 3]),
            (query(start_date=NOON, end_date=NOON), []),
            (query(start_date=NOON + DAY, end_date=NOON), []),
            (query(start_date=f"{NOON + 0.5}"), [2, 3]),
            (query(start_date=0, end_date=10**15 - 1), [1, 2, 3]),
            (query(start_date=-(10**14)), [1, 2, 3]),
            (query(end_date=-(10**14)), []),
            (query(start_date=10**14), []),
            ("start-date=&end-date=", [1, 2, 3]),
        ],
    )
    async def test_begins_with_its_start_and_ends_before_its_end(
        self, api: Api, window: str, days: list[int]
    ) -> None:
        await api.enter()
        await api.upload(CHECKING)
        app = await connect(api)

        (account,) = (await app.read(window))["accounts"]

        posted = [each["posted"] for each in account["transactions"]]
        assert posted == [NOON + (day - 1) * DAY for day in days]

    async def test_may_be_longer_than_ninety_days(self, api: Api) -> None:
        """Actual requests up to 120 days, until the first of the next month."""
        app = await household(api)
        now = int(datetime.now(UTC).timestamp())

        answer = await app.read(query(start_date=now - 1000 * DAY, end_date=now + 31 * DAY))

        assert answer["errors"] == []
        assert sum(len(each["transactions"]) for each in answer["accounts"]) == 5

    async def test_without_a_start_everything_is_there(self, api: Api) -> None:
        await api.enter()
        old = transaction("-1.00", "19990104", "O1", "Long ago")
        await api.upload(ofx(statement(old, transaction(fitid="O2"))))
        app = await connect(api)

        (account,) = (await app.read())["accounts"]

        assert len(account["transactions"]) == 2

    async def test_ends_today_as_the_balance_does(self, api: Api) -> None:
        await api.enter()
        today = datetime.now(UTC).date()
        days = [today + timedelta(days=number) for number in (-2, 3)]
        rows = [
            transaction("-1.00", f"{day:%Y%m%d}", f"T{number}", "Rent")
            for number, day in enumerate(days)
        ]
        stated = f"<LEDGERBAL><BALAMT>50.00<DTASOF>{days[0]:%Y%m%d}</LEDGERBAL>"
        await api.upload(ofx(statement(*rows, balance=stated)))
        app = await connect(api)

        (account,) = (await app.read(query(end_date=NOON + 10**9)))["accounts"]

        assert (len(account["transactions"]), account["balance"]) == (1, "50.00")

    @pytest.mark.parametrize(
        "said", ["start-date=yesterday", "end-date=2026-03-01", "start-date=1e9", "end-date=٣"]
    )
    async def test_that_cannot_be_read_is_an_error(self, api: Api, said: str) -> None:
        app = await household(api)

        refused = await app.get(said)

        assert refused.status_code == 422
        assert "seconds since 1970" in errors_of(refused)[0]

    async def test_unknown_parameters_are_ignored(self, api: Api) -> None:
        app = await household(api)

        assert await app.read("page=2&x=y") == await app.read()

    async def test_of_too_many_transactions_the_latest_days_are_sent(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        app = await household(api)
        monkeypatch.setattr(container.ports.shared_transactions, "_most", 2)

        answer = await app.read()

        rows = [row for each in answer["accounts"] for row in each["transactions"]]
        assert sorted(row["posted"] for row in rows) == [NOON + 2 * DAY, NOON + 3 * DAY]
        assert answer["errors"][0].startswith("Transactions before 2026-03-03 were left out")
        assert answer["errlist"][0]["code"] == "gen.api"
        assert {each["name"]: each["balance"] for each in answer["accounts"]}["Yen"] == "41000.00"


class TestAccounts:
    async def test_are_chosen_by_the_request(self, api: Api) -> None:
        app = await household(api)
        known = await ids(api)

        one = await app.accounts(query(account=known["Yen"]))
        two = await app.accounts(f"account={known['Yen']}&account={known['Card']}&account=nothing")

        assert one.keys() == {"Yen"}
        assert two.keys() == {"Yen", "Card"}
        assert len(two["Yen"]["transactions"]) == 1
        answer = await app.read(query(account="nothing"))
        assert (answer["accounts"], answer["connections"]) == ([], [])

    async def test_are_those_that_were_chosen_for_the_app(self, api: Api) -> None:
        await api.enter()
        await fill(api)
        known = await ids(api)

        app = await connect(api, [known["Yen"], known["Funds"]])

        assert (await app.accounts()).keys() == {"Yen", "Funds"}
        assert await app.accounts(query(account=known["Card"])) == {}

    async def test_that_are_hidden_are_shared_only_if_chosen(self, api: Api) -> None:
        await api.enter()
        await fill(api)
        known = await ids(api)
        await api.patch(f"accounts/{known['Yen']}", {"hidden": True})

        assert "Yen" not in await (await connect(api)).accounts()
        assert (await (await connect(api, [known["Yen"]])).accounts()).keys() == {"Yen"}

    async def test_that_are_added_later_are_shared_too(self, api: Api) -> None:
        app = await household(api)
        await api.post("accounts", {"name": "Purse", "kind": "other", "currency": "EUR"})

        purse = (await app.accounts())["Purse"]

        assert (purse["balance"], purse["transactions"]) == ("0.00", [])
        assert (await app.read())["errors"] == []

    async def test_that_are_deleted_or_merged_are_not_shared(self, api: Api) -> None:
        await api.enter()
        said = {"kind": "other", "currency": "EUR"}
        for name in ("Purse", "Wallet", "Pocket"):
            await api.post("accounts", {"name": name, **said})
        known = await ids(api)
        app = await connect(api, list(known.values()))
        assert (await app.accounts()).keys() == known.keys()

        merge = {"account_id": known["Purse"], "merged_id": known["Wallet"]}
        assert (await api.post("account-merges", merge)).status_code == 201
        assert (await api.delete(f"accounts/{known['Pocket']}")).status_code == 204

        assert (await app.accounts()).keys() == {"Purse"}

    async def test_in_several_currencies_are_several(self, api: Api) -> None:
        await api.enter()
        euros, dollars = (
            CHECKING,
            CHECKING.replace(b"EUR", b"USD").replace(b"<FITID>C", b"<FITID>D"),
        )
        for content in (euros, dollars):
            await api.upload(content)
        listed = (await api.get("accounts")).json()["items"]
        app = await connect(api)

        accounts = (await app.read())["accounts"]

        assert sorted(each["currency"] for each in accounts) == ["EUR", "USD"]
        assert len({each["id"] for each in accounts}) == 2
        assert [len(each["transactions"]) for each in accounts] == [3, 3]
        assert {each["id"] for each in listed} <= {each["id"] for each in accounts}

    async def test_of_others_are_never_shared(self, api: Api) -> None:
        app = await household(api)
        other = await Api(delivers=True).enter("eve@example.org")
        hers = await connect(other)

        assert (await hers.read())["accounts"] == []
        known = await ids(api)
        assert (await hers.read(query(account=known["Yen"])))["accounts"] == []
        refused = await other.post("connected-apps", {"name": "x", "account_ids": [known["Yen"]]})
        assert refused.status_code == 404
        assert len((await app.read())["accounts"]) == 4

    async def test_transactions_that_were_deleted_are_not_shared(self, api: Api) -> None:
        app = await household(api)
        everyday = (await app.accounts())["Everyday"]
        coffee = everyday["transactions"][0]["id"]

        assert (await api.delete(f"transactions/{coffee}")).status_code == 204

        rows = (await app.accounts())["Everyday"]["transactions"]
        assert coffee not in {each["id"] for each in rows}
        assert len(rows) == 2

    async def test_the_balance_is_that_of_the_account(self, api: Api) -> None:
        """The stated one, and what was booked after it."""
        await api.enter()
        stated = "<LEDGERBAL><BALAMT>500.00<DTASOF>20260302</LEDGERBAL>"
        await api.upload(
            CHECKING[: CHECKING.index(b"<LEDGERBAL>")]
            + stated.encode()
            + CHECKING[CHECKING.index(b"</LEDGERBAL>") + len(b"</LEDGERBAL>") :]
        )
        (shown,) = (await api.get("accounts")).json()["items"]
        app = await connect(api)

        (account,) = (await app.read())["accounts"]

        assert account["balance"] == "1500.00"
        assert Decimal(account["balance"]) == Decimal(shown["balance"]["amount"])
        assert account["balance-date"] == NOON + 2 * DAY

    async def test_without_a_stated_balance_what_is_booked_is_added_up(self, api: Api) -> None:
        await api.enter()
        await api.upload(
            ofx(statement(transaction("-7.25"), transaction("2", fitid="F2"), balance=""))
        )
        app = await connect(api)

        answer = await app.read()

        (account,) = answer["accounts"]
        assert (account["balance"], account["balance-date"]) == ("-5.25", NOON)
        (error,) = answer["errlist"]
        assert (error["code"], error["account_id"]) == ("act.missingdata", account["id"])
        assert error["conn_id"] == account["conn_id"]
        assert answer["errors"] == [error["msg"]]


class TestClaiming:
    async def test_gives_a_bare_url(self, api: Api) -> None:
        await api.enter()
        made = (await api.post("connected-apps", {"name": "Actual"})).json()

        claimed = await claim(made["setup_token"])

        assert (claimed.status_code, claimed.headers["Content-Type"]) == (200, "text/plain")
        assert re.fullmatch(r"http://[A-Za-z0-9]+:[A-Za-z0-9]+@testserver/simplefin", claimed.text)

    async def test_path_has_what_programs_look_for(self, api: Api) -> None:
        await api.enter()
        made = (await api.post("connected-apps", {"name": "Actual"})).json()

        assert re.fullmatch(r"/simplefin/claim/[A-Za-z0-9]+", claim_path(made["setup_token"]))

    async def test_works_once(self, api: Api) -> None:
        await api.enter()
        made = (await api.post("connected-apps", {"name": "Actual"})).json()
        app = App((await claim(made["setup_token"])).text)

        again = await claim(made["setup_token"])

        assert again.status_code == 403
        assert again.text.startswith("Forbidden")
        assert again.headers["Content-Type"].startswith("text/plain")
        assert (await app.get()).status_code == 200

    async def test_every_refusal_begins_with_forbidden(
        self, api: Api, settings: LazySettings
    ) -> None:
        """Actual takes any other text for an access URL."""
        await api.enter()
        made = (await api.post("connected-apps", {"name": "Actual"})).json()
        path = claim_path(made["setup_token"])
        client = Api()

        unknown = await client.call("post", f"/simplefin/claim/{'0' * 64}")
        malformed = await client.call("post", "/simplefin/claim/x%00y")
        wrong_method = await client.call("get", path)
        with_query = await client.call("post", f"{path}?x=1")
        settings.ALLOWED_HOSTS = ["dashtam.example"]
        wrong_host = await client.call("post", path)
        settings.ALLOWED_HOSTS = ["testserver"]
        settings.RATE_LIMIT_SCALE = 0.001
        limited = [await client.call("post", path[:-1]) for _ in range(2)][-1]

        replies = (unknown, malformed, wrong_method, with_query, wrong_host, limited)
        assert [each.status_code for each in replies] == [403, 403, 405, 422, 400, 429]
        for each in replies:
            assert each.text.startswith("Forbidden: "), each.text
            assert each.headers["Content-Type"].startswith("text/plain")
        assert limited.headers["Retry-After"]
        # None of them has used it up.
        settings.RATE_LIMIT_SCALE = 1.0
        assert (await claim(made["setup_token"])).status_code == 200

    async def test_is_too_late_after_a_day(self, api: Api) -> None:
        await api.enter()
        made = (await api.post("connected-apps", {"name": "Actual"})).json()
        await ConnectedAppModel.objects.aupdate(setup_expires_at=datetime.now(UTC))

        assert (await claim(made["setup_token"])).status_code == 403

    async def test_ends_the_access_before(self, api: Api) -> None:
        await api.enter()
        app = await connect(api)
        (listed,) = (await api.get("connected-apps")).json()["items"]

        issued = await api.post(f"connected-apps/{listed['id']}/setup-token", {})
        assert (await app.get()).status_code == 200
        renewed = await App.claimed(issued.json()["setup_token"])

        assert (await app.get()).status_code == 403
        assert (await renewed.get()).status_code == 200

    async def test_is_at_the_public_url(self, api: Api, settings: LazySettings) -> None:
        settings.PUBLIC_URL = "https://money.example:8443"
        await api.enter()
        made = (await api.post("connected-apps", {"name": "Actual"})).json()

        access_url = (await claim(made["setup_token"])).text

        assert re.fullmatch(
            r"https://[a-z0-9]+:[a-z0-9]+@money\.example:8443/simplefin", access_url
        )


class TestCredentials:
    @pytest.mark.parametrize(
        "header",
        [
            None,
            "",
            "Basic",
            "Basic !",
            "Bearer x",
            f"Basic {b64encode(b'user:password').decode()}",
            f"Basic {b64encode(b'xff:').decode()}",
            f"Basic {b64encode(bytes(70)).decode()}",
        ],
    )
    async def test_that_are_wrong_are_refused_alike(self, api: Api, header: str | None) -> None:
        headers = {} if header is None else {"Authorization": header}

        refused = await Api().call("get", "/simplefin/accounts", headers=headers)

        assert refused.status_code == 403
        assert errors_of(refused) == [
            "The credentials are missing or not valid, or access was revoked."
        ]
        assert refused.json()["errlist"][0]["code"] == "gen.auth"

    async def test_of_another_app_or_half_of_them_are_refused(self, api: Api) -> None:
        app = await household(api)
        other = await connect(api, name="Firefly")
        user, _, password = app.credentials.partition(":")

        for credentials in (
            f"{user}:{other.credentials.partition(':')[2]}",
            f"{user}:{password[:-1]}",
            f"{user}:{password}0",
            f"{password}:{user}",
            user,
        ):
            app.credentials = credentials
            assert (await app.get()).status_code == 403, credentials

    async def test_of_an_api_token_or_session_are_refused(self, api: Api) -> None:
        await household(api)

        refused = await api.get("/simplefin/accounts")

        assert refused.status_code == 403

    async def test_that_are_wrong_cost_what_a_wrong_token_costs(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        app = await household(api)
        monkeypatch.setattr(app_access, "REFUSALS", Limit(burst=1, per_minute=0.01))
        right = app.credentials
        app.credentials = right[:-1]

        assert [(await app.get()).status_code for _ in range(2)] == [403, 429]
        app.credentials = right
        assert (await app.get()).status_code == 200

    async def test_that_were_revoked_are_refused_at_once(self, api: Api) -> None:
        app = await household(api)
        (listed,) = (await api.get("connected-apps")).json()["items"]
        assert (await app.get()).status_code == 200

        assert (await api.delete(f"connected-apps/{listed['id']}")).status_code == 204

        assert errors_of(await app.get())
        assert (await app.get()).status_code == 403

    async def test_of_a_closed_account_are_refused(self, api: Api) -> None:
        app = await household(api)

        assert (await api.delete("users/me")).status_code == 202

        assert (await app.get()).status_code == 403


class TestLimits:
    @pytest.fixture(autouse=True)
    def _without_others(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("TOGETHER", "READING"):
            monkeypatch.setattr(limits, name, Limit(burst=10**9, per_minute=10**9))

    async def test_each_app_has_a_quota(self, api: Api, settings: LazySettings) -> None:
        app, other = await household(api), await connect(api, name="Firefly")
        # Of 4,200 requests a day for 200 accounts, four.
        settings.RATE_LIMIT_SCALE = 0.001

        answers = [await app.get() for _ in range(5)]

        assert [each.status_code for each in answers] == [200] * 4 + [429]
        assert errors_of(answers[-1])[0].startswith("Too many requests.")
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 86400 / 4
        assert (await other.get()).status_code == 200

    async def test_errors_have_no_accounts(self, api: Api, settings: LazySettings) -> None:
        """Actual would say that an account is missing."""
        app = await household(api)
        settings.RATE_LIMIT_SCALE = 0.001

        refused = [await app.get() for _ in range(6)][-1]

        assert "accounts" not in refused.json()


class TestRules:
    """What `test_endpoints` says of the API."""

    @pytest.mark.parametrize(
        ("path", "allowed"),
        [
            ("info", "GET, OPTIONS, HEAD"),
            ("create", "GET, OPTIONS, HEAD"),
            ("accounts", "GET, OPTIONS, HEAD"),
            (f"claim/{'0' * 64}", "POST, OPTIONS"),
        ],
    )
    async def test_other_methods_are_refused(self, api: Api, path: str, allowed: str) -> None:
        app = await household(api)
        said = b64encode(app.credentials.encode()).decode()
        for method in ("get", "post", "put", "patch", "delete"):
            if method.upper() in allowed:
                continue
            refused = await Api().call(
                method, f"/simplefin/{path}", headers={"Authorization": f"Basic {said}"}
            )
            assert (refused.status_code, refused.headers["Allow"]) == (405, allowed)

    async def test_head_is_get_without_its_body(self, api: Api) -> None:
        app = await household(api)

        whole, head = await app.get(), await app.get(method="head")

        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["Content-Length"] == str(len(whole.content))

    async def test_info_lists_both_versions(self, api: Api) -> None:
        assert (await api.get("/simplefin/info")).json() == {"versions": ["1.0", "2.0"]}

    async def test_create_says_how_to_make_a_setup_token(self, api: Api) -> None:
        said = await api.get("/simplefin/create")

        assert said.headers["Content-Type"].startswith("text/plain")
        assert "POST /api/v1/connected-apps" in said.text

    async def test_answers_are_not_stored_anywhere(self, api: Api) -> None:
        app = await household(api)

        for reply in (await app.get(), await api.get("/simplefin/info")):
            assert reply.headers["Cache-Control"] == "no-store"
            assert reply.headers["Content-Type"] == "application/json"
            assert "Content-Disposition" not in reply.headers

    async def test_production_refuses_plain_http(self, api: Api, settings: LazySettings) -> None:
        app = await household(api)
        made = (await api.post("connected-apps", {"name": "Actual"})).json()
        settings.PRODUCTION = True
        try:
            read, claimed = await app.get(), await claim(made["setup_token"])
        finally:
            settings.PRODUCTION = False

        assert (read.status_code, claimed.status_code) == (403, 403)
        assert errors_of(read) == ["Use HTTPS for this request."]
        assert claimed.text.startswith("Forbidden")

    async def test_each_read_is_audited(self, api: Api) -> None:
        app = await household(api)
        (listed,) = (await api.get("connected-apps")).json()["items"]

        await app.get(query(pending=1))

        entry = await AuditEntryModel.objects.aget(action="accounts.shared")
        assert str(entry.resource_id) == listed["id"]
        assert entry.actor_id == api.user.id
        assert entry.details == {"accounts": 4, "transactions": 6}

    async def test_refusals_are_audited(self, api: Api) -> None:
        await Api().call("get", "/simplefin/accounts")
        await Api().call("post", "/simplefin/claim/x")

        entries = AuditEntryModel.objects.filter(result="denied").order_by("id")
        assert [(each.action, each.details["error"]) async for each in entries] == [
            ("connected_app.authenticate", "access-refused"),
            ("connected_app.claim", "setup-token-refused"),
        ]

    async def test_the_number_of_statements_does_not_grow_with_the_ledger(
        self, api: Api, queries: list[str]
    ) -> None:
        app = await household(api)
        del queries[:]
        await app.get()
        before = len(queries)
        for number in range(5):
            more = [transaction(fitid=f"N{n}", day=f"202602{n:02}") for n in range(1, 20)]
            await api.upload(ofx(statement(*more, number=f"9{number}")))
        del queries[:]

        await app.get()

        assert len(queries) == before

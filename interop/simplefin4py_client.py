"""Claims a setup token as Home Assistant does, and prints what its library reads as JSON.

It runs in an environment of its own. Argument: the setup token.
"""

import asyncio
import json
import sys

from simplefin4py import SimpleFin


async def read(setup_token: str) -> None:
    """Claim the token, and read twice."""
    access_url = await SimpleFin.claim_setup_token(setup_token)
    client = SimpleFin(access_url)
    print(json.dumps([await accounts_of(client) for _ in range(2)]))


async def accounts_of(client: SimpleFin) -> dict[str, object]:
    """Return what the library made of each account."""
    data = await client.fetch_data()
    if data.errors or data.accounts_with_errors:
        raise RuntimeError(f"There are errors: {data.errors}")
    return {
        account.id: {
            "name": account.name,
            "currency": account.currency,
            "balance": account.balance,
            "available": account.available_balance,
            "day": account.balance_date.date().isoformat(),
            "bank": account.org.name,
            "transactions": [
                {
                    "id": each.id,
                    "date": each.posted.date().isoformat(),
                    "amount": each.amount,
                    "description": each.description,
                }
                for each in account.transactions
            ],
            "holdings": [
                [each.symbol, each.shares, each.market_value] for each in account.holdings
            ],
        }
        for account in data.accounts
    }


if __name__ == "__main__":
    asyncio.run(read(sys.argv[1]))

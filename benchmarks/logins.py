"""Failed log-ins: how long an unknown address takes, as a ratio of a wrong password."""

import asyncio
import json
import statistics
import sys
import time

from benchmarks.server import migrated_database

PASSWORD = "a password for measuring"


async def _measure(rounds: int) -> dict[str, float]:
    from dashtam.container import container

    await container.register_user(email="known@dashtam.example", password=PASSWORD)
    await container.drain()
    seconds: dict[str, list[float]] = {"known": [], "unknown": []}
    for _ in range(rounds):
        for who, taken in seconds.items():
            began = time.process_time()
            await container.log_in(email=f"{who}@dashtam.example", password="a wrong password")
            taken.append(time.process_time() - began)
    container.database.close()
    known, unknown = (statistics.median(taken) for taken in seconds.values())
    return {"ratio": unknown / known, "milliseconds": known * 1000}


def main(rounds: int) -> dict[str, float]:
    with migrated_database():
        return asyncio.run(_measure(rounds))


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))

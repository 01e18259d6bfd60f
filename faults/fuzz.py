"""Fuzzing of a whole server: `python -m faults.fuzz --requests 20000 --files 2000 --seed 7`.

Nothing that anybody sends is answered with a 5xx, save a 503 that says when to come back; every
error of the API is a problem document; nobody gets what belongs to another; the server goes on.
"""

import argparse
import json
import random
import re
import secrets
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Self

from faults.fuzzing import api, files, pages
from faults.fuzzing.people import People, people
from faults.fuzzing.wire import raw
from faults.live import live
from faults.outcome import Outcome
from tests.e2e.client import Client, Received
from tests.e2e.server import FORM, Server, form_of
from tests.e2e.wire import Wire

#: Of 100 requests.
RAW, STAFF = 25, 15
LINES_AT_ONCE = 16
#: Timeout for responses that may never come.
QUICK = {
    "HEADER_SECONDS": "2",
    "BODY_GRACE_SECONDS": "2",
    "BODY_MAX_SECONDS": "20",
    "IMPORT_MAX_BYTES": "1000000",
}
STATUS = re.compile(rb"^HTTP/1\.1 (\d{3}) ", re.MULTILINE)
PROBLEM = b"content-type: application/problem+json"


class Judge:
    """Counts responses, and records those that must not occur."""

    def __init__(self, outcome: Outcome, foreign: str) -> None:
        self._outcome = outcome
        self._foreign = foreign.encode()
        self.counts: Counter[str] = Counter()

    def hear(self, kind: str, sent: object, heard: Received) -> None:
        """Check one response."""
        self.counts[f"{kind}_{heard.status}"] += 1
        self._expect(not is_defect(heard.status, heard.retry_after), heard.status, sent)
        self._expect(self._foreign not in heard.body, "foreign", sent)
        if kind != "admin" and heard.status >= 400 and not heard.is_head:
            self._expect(heard.is_problem, f"{heard.status} without a problem document", sent)

    def hear_bytes(self, sent: bytes, answers: bytes) -> None:
        """Check the response to bytes that may not be a valid request."""
        statuses = [int(each) for each in STATUS.findall(answers)]
        for status in statuses or [0]:
            self.counts[f"raw_{status or 'closed'}"] += 1
        self._expect(all(status < 500 for status in statuses), statuses, sent)
        self._expect(self._foreign not in answers, "foreign", sent)
        errors = sum(status >= 400 for status in statuses)
        self._expect(answers.count(PROBLEM) >= errors, "an error is no problem document", sent)

    def _expect(self, is_so: bool, what: object, sent: object) -> None:
        self._outcome.expect(is_so, f"{what}: {sent!r}"[:600] if not is_so else "")


@dataclass(frozen=True, slots=True)
class Plan:
    """The number of requests, their token, and the random generator."""

    token: str
    chance: random.Random
    times: int

    @classmethod
    def of(cls, token: str, seed: str, times: int) -> Self:
        return cls(token, random.Random(seed), times)  # noqa: S311


def is_defect(status: int, retry_after: str | None) -> bool:
    """Return whether a response must never occur."""
    return status >= 500 and not (status == 503 and retry_after)


def fuzz(requests: int, damaged: int, seed: int) -> Outcome:
    """Send this many requests and files, generated from the seed."""
    outcome = Outcome()
    with live(**QUICK) as (server, database):
        somebody = people(server, database)
        judge = Judge(outcome, somebody.marker)
        on_wire = requests * RAW // 100
        with ThreadPoolExecutor(LINES_AT_ONCE) as lines:
            made = [raw(random.Random(f"{seed} {n}")) for n in range(on_wire)]  # noqa: S311
            for sent, answers in zip(made, lines.map(partial(_send, server), made), strict=True):
                judge.hear_bytes(sent, answers)
        with closing(Client(server.port)) as client:
            token = server.token
            _ask(client, somebody, judge, Plan.of(token, f"{seed} asked", requests - on_wire))
            _bring(client, judge, Plan.of(token, f"{seed} files", damaged))
        judge.counts["session_lost"] = int(server.call("GET", "/api/v1/users/me")[0] != 200)
        outcome.expect(server.call("GET", "/health/ready")[0] == 200, "the server is not ready")
        _judge_log(server.log.read_text(errors="replace"), outcome)
    outcome.counts.update(sorted(judge.counts.items()))
    outcome.counts["sent"] = sum(judge.counts.values())
    return outcome


def _judge_log(log: str, outcome: Outcome) -> None:
    """Look for logged defects, and show the end of the last one."""
    _, *defects = log.split("request.failed")
    outcome.expect(not defects, f"{len(defects)} defects: {defects[-1][:4000] if defects else ''}")


def _send(server: Server, sent: bytes) -> bytes:
    with Wire(server.port) as wire:
        wire.try_to_send_all(sent)
        return wire.rest()


def _ask(client: Client, who: People, judge: Judge, plan: Plan) -> None:
    """Send requests to the API and the admin."""
    shown, chance = pages.pages(who.labels), plan.chance
    first = pages.index(who.cookie)
    judge.hear("admin", first, client.send(first.method, first.path, first.headers, first.body))
    for _ in range(plan.times):
        if chance.randrange(100) < STAFF * 100 // (100 - RAW):
            asked, kind = pages.request(chance, shown, who.ids, who.cookie), "admin"
        else:
            asked, kind = api.request(chance, who.routes, who.ids, plan.token), "api"
        judge.hear(kind, asked, client.send(asked.method, asked.path, asked.headers, asked.body))


def _bring(client: Client, judge: Judge, plan: Plan) -> None:
    """Send damaged files to every endpoint that accepts files."""
    chance, originals = plan.chance, files.originals()
    for _ in range(plan.times):
        content = files.damaged(chance, originals)
        path = f"/api/v1/{chance.choice(files.PATHS)}"
        form = form_of(content, **files.fields(chance))
        headers = {"Authorization": f"Bearer {plan.token}", "Content-Type": FORM}
        judge.hear("file", (path, form), client.send("POST", path, headers, form))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**8))
    given = parser.parse_args()
    outcome = fuzz(given.requests, given.files, given.seed)
    told = {"seed": given.seed, **outcome.counts, "problems": outcome.problems[:20]}
    sys.stdout.write(json.dumps(told, indent=1) + "\n")
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main())

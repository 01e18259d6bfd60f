"""Run the acceptance cases: python -m tests.acceptance [--kind A]… [--record] [NUMBER…].

A case that was right has to stay so: `right.txt` lists them, and `--record` brings it up to date.
"""

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import django
from asgiref.sync import async_to_sync
from django.conf import settings

from tests.acceptance.comparison import Case, Outcome, is_right, read_case

HERE = Path(__file__).parent
RIGHT = HERE / "right.txt"


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.acceptance", description="run acceptance cases")
    parser.add_argument("numbers", nargs="*", metavar="NUMBER")
    parser.add_argument("--kind", action="append", default=[], metavar="A")
    parser.add_argument("--record", action="store_true", help=f"write {RIGHT.name} anew")
    options = parser.parse_args()
    cases = chosen(options.kind, options.numbers)
    if not cases:
        say("There are no such cases.")
        return 2
    right = set()
    for case, got in outcomes(cases):
        if is_right(case, got):
            right.add(case.name)
        else:
            say(f"{case.name} ({case.kind}) is wrong: {printed(got)}")
    return report(cases, right, record=options.record)


def chosen(kinds: Sequence[str], numbers: Sequence[str]) -> list[Case]:
    wanted = {number.zfill(3) for number in numbers}
    cases = [read_case(path.parent) for path in sorted(HERE.glob("cases/*/case.json"))]
    return [
        case
        for case in cases
        if (not wanted or case.number in wanted) and (not kinds or case.kind in kinds)
    ]


def outcomes(cases: Iterable[Case]) -> Iterator[tuple[Case, Outcome]]:
    """Put every case to the program; each has a ledger to itself, which is rolled back."""
    with tempfile.TemporaryDirectory(prefix="dashtam-cases-") as data:
        settings.DATA_DIR = Path(data)
        settings.RATE_LIMIT_SCALE = 1e6
        django.setup()
        logging.disable()
        # Models are known from here on.
        from tests.acceptance.trial import Trial, inspect
        from tests.postgres import migrated_database, postgres, rolled_back

        by_command = [case for case in cases if case.through == "inspect_statement"]
        yield from ((case, inspect(case)) for case in by_command)
        with postgres(), migrated_database():
            for case in cases:
                if case not in by_command:
                    with rolled_back():
                        got = async_to_sync(Trial(case).run)()
                    yield case, got


def printed(got: Outcome) -> str:
    """Say in a line what came of a case."""
    if got.crash:
        return f"crashed: {got.crash}"
    refusal = (
        [f"{'asked' if got.is_question else 'refused'}: {got.message}"] if got.is_refused else []
    )
    rows = ", ".join(map(str, got.rows))
    more = {
        "reconciliations": got.reconciliations,
        "accounts": got.accounts,
        "quarantined": got.quarantined,
    }
    noted = [f"{name} {what}" for name, what in more.items() if what]
    return " ".join("; ".join([*refusal, rows or "no rows", *noted]).split())


def report(cases: Sequence[Case], right: set[str], *, record: bool) -> int:
    """Compare with the list of what is right; only a case that got worse is a failure."""
    names = {case.name for case in cases}
    listed = set(RIGHT.read_text().split())
    worse, better = (listed & names) - right, right - listed
    if record:
        RIGHT.write_text("".join(f"{name}\n" for name in sorted((listed - names) | right)))
    elif better:
        say(f"Right now, and not yet listed: {', '.join(sorted(better))}.")
        say("List them: make cases RECORD=1")
    if worse:
        say(f"Right before, and wrong now: {', '.join(sorted(worse))}.")
    say(f"cases: {len(right)} of {len(cases)} right")
    return 1 if worse and not record else 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")
    sys.exit(main())

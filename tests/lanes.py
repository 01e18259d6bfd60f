"""How far faults are driven: a little in `make test`, for long in `make faults`; seeds are told."""

import os
import secrets

LONG = os.environ.get("FAULTS") == "long"

#: What chance is made from. `SEED=… make faults` plays a failure again.
SEED = int(os.environ.get("SEED") or (secrets.randbelow(10**8) if LONG else 20260314))


def many(short: int, long: int) -> int:
    """Return how often something is done in this run."""
    return long if LONG else short

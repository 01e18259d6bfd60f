"""Statement files of every format, damaged at random."""

import gzip
import random
from pathlib import Path
from typing import Final

from faults.fuzzing import values
from tests import camt
from tests.statements import days, ofx, statement

EXAMPLES: Final = Path(__file__).resolve().parents[2] / "examples" / "statements"
CSV: Final = "Date,Description,Amount,Balance\n" + "".join(
    f"2026-03-{n:02},Shop {n},-{n}.50,{1000 - n}.00\n" for n in range(1, 20)
)
QIF: Final = "!Type:Bank\n" + "".join(
    f"D{n}/03/2026\nT-{n}.50\nPShop {n}\nMInvoice {n}\n^\n" for n in range(13, 28)
)
MT940: Final = (
    ":20:REF\n:25:10020030/100200300\n:28C:7/1\n:60F:C260228EUR100,00\n"
    ":61:2603020301D12,50NTRFCUST7//BANK9\n:86:166?20INVOICE 7?32SHOP\n:62F:C260301EUR87,50\n-\n"
)
FIELDS: Final = (
    "currency",
    "account_name",
    "date_order",
    "decimal_mark",
    "background",
    "account_id",
)
PATHS: Final = ("imports", "imports/preview", "csv-profiles/detect")


def originals() -> list[bytes]:
    """Return a file of each format."""
    examples = [path.read_bytes() for path in sorted(EXAMPLES.glob("*.ofx"))]
    made = [ofx(statement(*days(12))), *camt.WEEK, CSV.encode(), QIF.encode(), MT940.encode()]
    return [*examples, *made, gzip.compress(CSV.encode(), mtime=0)]


def damaged(chance: random.Random, files: list[bytes]) -> bytes:
    """Return one of the files with some damage, mostly in its text."""
    return values.mutated(chance, chance.choice(files), chance.choice([1, 3, 30]))


def fields(chance: random.Random) -> dict[str, str]:
    """Return hints for a file, half of which are valid."""
    # A file that names its account and currency needs none, and refuses others.
    sensible: dict[str, str] = chance.choice([{}, {"currency": "EUR", "account_name": "Household"}])
    if chance.random() < 0.5:
        return sensible
    names = chance.sample(FIELDS, chance.randrange(4))
    # Line ends would end the form's part.
    return {name: values.text(chance).replace("\ud800", "?") for name in names}

"""Evidence of one entry of the audit trail."""

import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management.base import BaseCommand, CommandError

from adapters.audit.evidence import NoEvidence, evidence
from adapters.audit.verify_archive import Wrong, check_evidence
from adapters.persistence.plain import connect
from dashtam import custody


class Command(BaseCommand):
    """Prints what proves an entry to anybody who has the public key: verify_archive checks it."""

    help = "Print the evidence of one entry as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("row", type=UUID, metavar="ROW", help="the id of the entry")

    def handle(self, *, row: UUID, **options: Any) -> None:
        try:
            self.stdout.write(json.dumps(proved_evidence(row)[0], indent=2))
        except NoEvidence as error:
            raise CommandError(str(error)) from None


def proved_evidence(row: UUID) -> tuple[dict[str, Any], str]:
    """Return the evidence of an entry, and what it proves; evidence that does not hold is none."""
    with connect() as connection:
        found = evidence(connection, row, custody.mac_keys())
    keys = {
        key_id: key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        for key_id, key in custody.public_keys().items()
    }
    try:
        return found, check_evidence(found, keys)
    except Wrong as error:
        raise NoEvidence(f"This entry is not as it was sealed: {error}.") from None

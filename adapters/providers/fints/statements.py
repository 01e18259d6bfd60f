"""Statements of an account: the bytes that the bank sent, as MT940 or as CAMT."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from fints.exceptions import FinTSUnsupportedOperation
from fints.formals import BankIdentifier, SupportedMessageTypes
from fints.segments.statement import HKCAZ1, HKKAZ5, HKKAZ6, HKKAZ7

from adapters.providers.fints.access import BankAccount
from adapters.providers.fints.client import BankClient
from adapters.providers.fints.connection import BankError
from adapters.providers.troubles import trouble
from adapters.statements.packed import MAX_FILES
from domain.connections.providers import TroubleKind
from domain.connections.values import Window

# ISO 3166 numbers the present Germany as 276; banks have never changed it.
_GERMANY = "280"
# What differs from answer to answer about the same days: the reference of a report and when it was
# made (SWIFT fields 20, 13 and 13D), and the header of a CAMT message.
_VARYING = re.compile(
    rb"^:(?:20|13D?):[^\r\n]*|<GrpHdr>.*?</GrpHdr>|<CreDtTm>[^<]*</CreDtTm>",
    re.MULTILINE | re.DOTALL | re.ASCII,
)
_FIRST_DAY_OF_ZIP = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class BankStatements:
    """What a bank answered; the content is empty if nothing was booked."""

    content: bytes = field(repr=False)
    suffix: str
    fingerprint: bytes


def statements(client: BankClient, account: BankAccount, window: Window) -> BankStatements:
    """Ask for the statements of an account, in the form that the bank prefers."""
    try:
        kind = client._find_highest_supported_command(HKKAZ5, HKKAZ6, HKKAZ7)
        return _mt940(client.pages(_segments(kind, account, window), "HIKAZ"))
    except FinTSUnsupportedOperation:
        return _camt(client, account, window)


def _mt940(pages: Sequence[Any]) -> BankStatements:
    """Join pages, which may be cut anywhere; entries that are not booked follow as MT942."""
    booked = b"".join(bytes(page.statement_booked or b"") for page in pages)
    pending = b"".join(bytes(page.statement_pending or b"") for page in pages)
    parts = [part for part in (booked, pending) if part.strip(b"\r\n -")]
    content = b"\r\n".join(parts)
    return BankStatements(content, "sta", fingerprint(content))


def _camt(client: BankClient, account: BankAccount, window: Window) -> BankStatements:
    with client.translated():
        kind = client._find_highest_supported_command(HKCAZ1)
        parameters = client.bpd.find_segment_first("HICAZS").parameter
        formats = SupportedMessageTypes(list(parameters.supported_camt_formats))
    segments = _segments(kind, account, window, supported_camt_messages=formats)
    files = dict[str, bytes]()
    for page in client.pages(segments, "HICAZ"):
        for document in page.statement_booked.camt_statements:
            files[f"booked-{len(files):04}.xml"] = bytes(document or b"")
        files[f"pending-{len(files):04}.xml"] = bytes(page.statement_pending or b"")
    files = {name: content for name, content in files.items() if content.strip()}
    if len(files) > MAX_FILES:
        raise BankError(trouble(TroubleKind.PROTOCOL, "The bank sends too many statements."))
    mark = fingerprint(b"\n".join(files.values()))
    if len(files) > 1:
        return BankStatements(_zipped(files), "zip", mark)
    return BankStatements(b"".join(files.values()), "xml", mark)


def _segments(
    kind: Any, account: BankAccount, window: Window, **more: object
) -> Callable[[str | None], Any]:
    """Return what makes the request for a page: the first one, or the one at a touch-down point."""
    element = _address(kind._fields["account"].type, account)

    def segment(touchdown: str | None) -> Any:
        return kind(
            account=element,
            all_accounts=False,
            date_start=window.first,
            date_end=window.last,
            touchdown_point=touchdown,
            **more,
        )

    return segment


def _address(element: Any, account: BankAccount) -> Any:
    """Return an account in the form that a version of a segment wants; IBAN and BIC suffice."""
    bank = BankIdentifier(_GERMANY, account.bank_code)
    national = {
        "account_number": account.number,
        "subaccount_number": account.subaccount or None,
        "bank_identifier": bank,
        "country_identifier": _GERMANY,
        "bank_code": account.bank_code,
    }
    if "iban" in element._fields and account.iban:
        return element(iban=account.iban, bic=account.bic or None)
    return element(**{name: national[name] for name in element._fields if name in national})


def fingerprint(content: bytes) -> bytes:
    """Return what is the same for all answers that say the same."""
    return sha256(_VARYING.sub(b"", content)).digest()


def _zipped(files: dict[str, bytes]) -> bytes:
    """Pack files so that the same ones always are the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            member = zipfile.ZipInfo(name, _FIRST_DAY_OF_ZIP)
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()

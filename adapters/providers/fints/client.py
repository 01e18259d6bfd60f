"""A client of one bank, in the words of the provider; everything in it blocks."""

import logging
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import fints.fields
import fints.parser
import structlog
from fints.client import FinTS3PinTanClient, NeedRetryResponse, NeedTANResponse
from fints.exceptions import FinTSError
from fints.message import MessageDirection
from fints.segments.dialog import HIRMG2, HIRMS2

from adapters.providers.fints.access import Access, BankAccount
from adapters.providers.fints.codes import (
    MECHANISMS,
    NO_ENTRIES,
    STRONG_AUTHENTICATION,
    WRONG_TAN,
    is_about_pin,
    trouble_of,
)
from adapters.providers.fints.connection import BankConnection, BankError, RefusedAnswer
from adapters.providers.troubles import trouble
from domain.connections.providers import TroubleKind

logger = structlog.get_logger(__name__)

#: The mechanism that needs no TAN; no bank grants more than a first answer with it.
ONE_STEP = "999"
#: What statements are asked with: as MT940, or as CAMT.
STATEMENTS = ("HKKAZ", "HKCAZ")
_PRODUCT_VERSION = "1"
# FinTS 3.0, user parameter data: the tens of the type of an account.
_KINDS = {
    0: "checking",
    1: "savings",
    2: "certificate_of_deposit",
    3: "investment",
    5: "credit_card",
    6: "investment",
    7: "savings",
}


class _Unsaid:
    """Stands for `warnings` where the library would write what a bank says to the log."""

    @staticmethod
    def warn(*_: object) -> None:
        """Say nothing: an element of unknown form is read as it is."""


# It logs messages and the words of banks, which name people, their accounts and what they do.
logging.getLogger("fints").setLevel(logging.CRITICAL + 1)
for _module in (fints.parser, fints.fields):
    _module.warnings = _Unsaid


class BankClient(FinTS3PinTanClient):  # type: ignore[misc]
    """The library's client, which says what went wrong, and never sends a refused PIN again."""

    def __init__(self, access: Access, product_id: str, connection: BankConnection) -> None:
        super().__init__(
            access.bank_code,
            access.login,
            access.pin,
            access.url,
            customer_id=access.customer_id or None,
            product_id=product_id,
            product_version=_PRODUCT_VERSION,
            from_data=access.state or None,
        )
        self.connection = connection
        self._standing_dialog: Any = None
        #: The response codes since they were last cleared.
        self.codes: list[str] = []
        self._is_stopped = False
        self._is_choosing = False

    def process_response_message(
        self, dialog: Any, message: Any, internal_send: bool = True
    ) -> None:
        codes = [
            response.code
            for segment in message.find_segments((HIRMG2, HIRMS2))
            for response in segment.responses
        ]
        self.codes += codes
        found = trouble_of(codes)
        # Some banks answer the question for mechanisms although they refuse the dialog.
        is_choice = self._is_choosing and {MECHANISMS, STRONG_AUTHENTICATION} & set(codes)
        if found and (is_about_pin(codes) or (dialog.need_init and not is_choice)):
            self._is_stopped = True
            self.pin.block()
            raise BankError(found)
        super().process_response_message(dialog, message, internal_send)

    def _log_response(self, segment: Any, response: Any) -> None:
        """Log nothing: banks address people by their names."""

    def stored(self, access: Access) -> Access:
        """Return the access with what the bank has said of itself."""
        name = str(getattr(self.bpa, "bank_name", "") or "")
        return replace(access, state=self.deconstruct(including_private=True), institution=name)

    def mechanisms(self) -> dict[str, str]:
        """Return the names of the mechanisms by which the user may confirm, by their numbers."""
        self._is_choosing = True
        with self.translated():
            self.fetch_tan_mechanisms()
            found = self.get_tan_mechanisms()
        self._is_choosing = False
        return {
            number: str(getattr(each, "name", "") or number)
            for number, each in found.items()
            # Process 1 would send a TAN before its challenge; no bank offers it alone any more.
            if number != ONE_STEP and each.tan_process == "2"
        }

    def media(self) -> Sequence[str]:
        """Return the names of what the user may confirm with, if one has to be chosen."""
        with self.translated():
            if self.get_current_tan_mechanism() == ONE_STEP or not self.is_tan_media_required():
                return []
            _, found = self.get_tan_media() or (None, [])
            return [str(each.tan_medium_name) for each in found if each.tan_medium_name]

    def log_in(self) -> NeedTANResponse | None:
        """Open the dialog in which everything else is asked; return the challenge, if any."""
        with self.translated():
            # It may be of the dialog that listed the media.
            self.init_tan_response = None
            self.__enter__()
            return self.init_tan_response

    def bank_accounts(self) -> Sequence[BankAccount] | NeedTANResponse:
        """Return the accounts whose statements the user may fetch."""
        if self.bpd.find_segment_first("HISPAS") is None:
            return self.known_accounts()
        with self.translated():
            found = self.get_sepa_accounts()
        return found if isinstance(found, NeedTANResponse) else self.known_accounts()

    def known_accounts(self) -> Sequence[BankAccount]:
        """Return the accounts with their IBANs, and those that have none, from what is known."""
        accounts = {}
        for each in filter(lambda each: each.is_sepa, self.accounts):
            account = _account(each, each.bank_identifier)
            accounts[account.key] = account
        for segment in self.upd.find_segments("HIUPD"):
            described = _described(segment)
            if described is None:
                continue
            sepa = accounts.get(described.key, described)
            accounts[described.key] = replace(
                sepa, name=described.name, currency=described.currency, kind=described.kind
            )
        return list(accounts.values())

    def pages(self, segment_of: Callable[[str | None], Any], answer: str) -> Sequence[Any]:
        """Return all pages of an answer; none only if the bank says that there is nothing.

        Some banks pass over a request that they do not like, and answer nothing at all.
        """
        self.codes.clear()
        with self.translated():
            found = self._fetch_with_touchdowns(self._get_dialog(), segment_of, list, answer)
        if isinstance(found, NeedTANResponse):
            raise BankError(trouble(TroubleKind.INTERACTION))
        refused = trouble_of(self.codes)
        if refused:
            raise BankError(refused)
        if not found and NO_ENTRIES not in self.codes:
            detail = "The bank answers neither statements nor that there are none."
            raise BankError(trouble(TroubleKind.PROTOCOL, detail))
        return list(found)

    def confirm(self, challenge: NeedTANResponse, tan: str) -> NeedTANResponse | None:
        """Send a TAN, or ask whether the user has confirmed; return the challenge if not yet."""
        self.codes.clear()
        with self.translated():
            answer = self.send_tan(challenge, tan)
        if WRONG_TAN in self.codes:
            raise RefusedAnswer("The bank refuses this TAN. Connect the bank again.")
        if trouble_of(self.codes):
            raise RefusedAnswer("The bank does not accept this. Connect the bank again.")
        return answer if isinstance(answer, NeedTANResponse) else None

    def pause(self, challenge: NeedTANResponse) -> dict[str, Any]:
        """Leave the dialog open at the bank, and return what is needed to go on with it.

        The library would pickle the dialog, with all its messages. It is only an id and two
        numbers. It would also forget that a challenge is confirmed elsewhere.
        """
        dialog, self._standing_dialog = self._standing_dialog, None
        return {
            "dialog": str(dialog.dialog_id),
            "sent": dialog.next_message_number[MessageDirection.FROM_CUSTOMER],
            "received": dialog.next_message_number[MessageDirection.FROM_INSTITUTE],
            "challenge": b64encode(challenge.get_data()).decode(),
            "decoupled": bool(challenge.decoupled),
        }

    def resume(self, paused: dict[str, Any]) -> NeedTANResponse:
        """Go on with a dialog, and return its challenge."""
        dialog = self._new_dialog()
        dialog.dialog_id = paused["dialog"]
        dialog.next_message_number = {
            MessageDirection.FROM_CUSTOMER: paused["sent"],
            MessageDirection.FROM_INSTITUTE: paused["received"],
        }
        dialog.open, dialog.need_init = True, False
        # The one that `close` leaves.
        dialog._context_count = 1
        self._standing_dialog = dialog
        challenge = NeedRetryResponse.from_data(b64decode(paused["challenge"]))
        challenge.decoupled = paused["decoupled"]
        return challenge

    def close(self) -> None:
        """End the dialog, unless it is paused or the bank has refused it."""
        dialog, self._standing_dialog = self._standing_dialog, None
        if dialog is None or not dialog.open or self._is_stopped:
            return
        # What was asked was answered, so that nothing depends on how the bank takes its leave.
        with suppress(FinTSError), self.translated():
            dialog.end()

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn whatever the library raises into trouble, without its words."""
        try:
            yield
        except (BankError, RefusedAnswer):
            raise
        except Exception as error:  # noqa: BLE001  (for a refusal the library raises `Exception`)
            logger.info("fints.refused", error=type(error).__name__)
            raise BankError(trouble_of(self.codes) or trouble(TroubleKind.PROTOCOL)) from None


def _account(numbers: Any, bank: Any) -> BankAccount:
    return BankAccount(
        iban=str(getattr(numbers, "iban", "") or ""),
        bic=str(getattr(numbers, "bic", "") or ""),
        number=str(numbers.account_number or ""),
        subaccount=str(numbers.subaccount_number or ""),
        bank_code=str(getattr(bank, "bank_code", "") or ""),
    )


def _described(segment: Any) -> BankAccount | None:
    """Return an account from the user's data (HIUPD), if its statements may be fetched."""
    information = getattr(segment, "account_information", None)
    allowed = {each.transaction for each in getattr(segment, "allowed_transactions", None) or []}
    if information is None or allowed.isdisjoint(STATEMENTS):
        return None
    return replace(
        _account(information, information.bank_identifier),
        iban=str(segment.iban or ""),
        name=str(segment.account_product_name or ""),
        currency=str(segment.account_currency or ""),
        kind=_KINDS.get((segment.account_type or 0) // 10, ""),
    )

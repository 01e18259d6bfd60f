"""What the response codes of banks mean (FinTS 3.0, list of response codes)."""

from collections.abc import Sequence

from adapters.providers.troubles import trouble
from domain.connections.providers import ProviderTrouble, TroubleKind

#: There is nothing to list; without this code, an empty answer is no answer.
NO_ENTRIES = "3010"
#: The mechanisms by which this user may confirm.
MECHANISMS = "3920"
#: Strong customer authentication is needed (PSD2).
STRONG_AUTHENTICATION = "9075"
WRONG_TAN = "9941"

_LOCKED = frozenset({"3931", "3938", "9930", "9931"})
_WRONG_PIN = frozenset({"9340", "9910", "9942"})
_PRODUCT = "9078"
_MOST_NAMED = 5
_LOCKED_DETAIL = "The bank has locked this access. Unlock it at the bank, then connect it again."
_PIN_DETAIL = (
    "The bank refuses the login or the PIN, or has locked it. It is not tried again by itself:"
    " after some wrong PINs, banks lock the access."
)
_PRODUCT_DETAIL = "The bank refuses the product id of this server (9078)."


def is_about_pin(codes: Sequence[str]) -> bool:
    """Return whether the PIN must not be sent again: after some wrong ones a bank locks it."""
    return not (_LOCKED | _WRONG_PIN).isdisjoint(codes)


def trouble_of(codes: Sequence[str]) -> ProviderTrouble | None:
    """Return what these codes say is wrong, if anything; the texts beside them are not repeated."""
    if not _LOCKED.isdisjoint(codes):
        return trouble(TroubleKind.AUTHENTICATION, _LOCKED_DETAIL)
    if not _WRONG_PIN.isdisjoint(codes):
        return trouble(TroubleKind.AUTHENTICATION, _PIN_DETAIL)
    if _PRODUCT in codes:
        return trouble(TroubleKind.PROTOCOL, _PRODUCT_DETAIL)
    if STRONG_AUTHENTICATION in codes:
        return trouble(TroubleKind.INTERACTION)
    named = [code for code in dict.fromkeys(codes) if code.startswith("9")]
    if not named:
        return None
    detail = f"The bank refuses this request ({', '.join(named[:_MOST_NAMED])})."
    return trouble(TroubleKind.PROTOCOL, detail)

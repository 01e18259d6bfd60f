"""Why a file could not be imported, as one column holds it."""

from domain.ledger.imports import Refusal

_MOST = 255


def kept_refusal(error: Refusal | None) -> str:
    return f"{error.code}: {error.detail}"[:_MOST] if error else ""


def read_refusal(kept: str) -> Refusal | None:
    code, _, detail = kept.partition(": ")
    return Refusal(code, detail) if code else None

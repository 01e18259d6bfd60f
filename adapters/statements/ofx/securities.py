"""The securities of an OFX file (OFX 2.2, section 13.8): named once, and pointed at by number."""

from collections.abc import Iterable, Mapping

from adapters.statements.limits import MAX_ID
from adapters.statements.ofx.draft import Source
from domain.ledger.values import Security

NO_SECURITY = "no security is named"
TOO_LONG = f"the number of the security is longer than {MAX_ID} characters"


class Securities:
    """What the list of securities says, wherever in the file it stands; the first word counts."""

    def __init__(self, listed: Iterable[Source] = ()) -> None:
        self._known: dict[tuple[str, str], Security] = {}
        for source in listed:
            self._learn(source.leaves)

    def of(self, leaves: Mapping[str, str]) -> Security | str:
        """Return the security of a row or a position, or the reason why there is none."""
        scheme, number = _key(leaves)
        if not number:
            return NO_SECURITY
        if max(len(scheme), len(number)) > MAX_ID:
            return TOO_LONG
        return self._known.get((scheme, number)) or Security(scheme=scheme, number=number)

    def _learn(self, leaves: Mapping[str, str]) -> None:
        scheme, number = _key(leaves)
        name, ticker = (_text(leaves.get(tag, "")) for tag in ("SECNAME", "TICKER"))
        security = Security(scheme=scheme, number=number, name=name, ticker=ticker)
        self._known.setdefault((scheme, number), security)


def _key(leaves: Mapping[str, str]) -> tuple[str, str]:
    return leaves.get("SECID.UNIQUEIDTYPE", "").upper(), leaves.get("SECID.UNIQUEID", "")


def _text(text: str) -> str:
    return " ".join(text.split())[:MAX_ID]

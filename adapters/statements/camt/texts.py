"""Who and why: the texts of an entry and of the transactions in its details."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from adapters.statements.camt.rates import DETAILS
from adapters.statements.camt.stream import MORE, Part
from adapters.statements.references import usable

# The name of a party, in versions before 8 and since.
NAMES = ("Nm", "Pty.Nm")
# The account of a party; the payee's is that of a debit.
ACCOUNTS = ("Id.IBAN", "Id.Othr.Id", "Id.PrtryAcct.Id")
SHOWN = 3
_IN_DETAILS = (
    *("Refs.EndToEndId", "Refs.InstrId", "Refs.TxId", "Refs.AcctSvcrRef", "Refs.AcctSvcrTxId"),
    *("Refs.UETR", "Refs.ChqNb", "Refs.MndtId", "Refs.PmtInfId", "Refs.ClrSysRef"),
    *("Refs.AcctOwnrTxId", "Refs.MktInfrstrctrTxId", "Refs.PrcgId", "Refs.Prtry.Ref"),
    *("RmtInf.Strd.CdtrRefInf.Ref", "RmtInf.Strd.CdtrRef", "RmtInf.Strd.RfrdDocInf.Nb"),
)
REFERENCES = tuple(f"{root}.{name}" for name in _IN_DETAILS for root in DETAILS)
_UNSTRUCTURED = "RmtInf.Ustrd"
_STRUCTURED = (
    *("RmtInf.Strd.CdtrRefInf.Ref", "RmtInf.Strd.CdtrRef", "RmtInf.Strd.AddtlRmtInf"),
    "RmtInf.Strd.RfrdDocInf.Nb",
)

Leaves = Mapping[str, str]


class Texts:
    """The texts of an entry. What an entry of several transactions says of some is not its own."""

    def __init__(self, entry: Part, *, is_credit: bool) -> None:
        self._leaves, self._count = entry.leaves, entry.transactions
        roles = ("UltmtDbtr", "Dbtr") if is_credit else ("UltmtCdtr", "Cdtr")
        self._names = [f"RltdPties.{role}.{name}" for role in roles for name in NAMES]
        self._accounts = [f"RltdPties.{roles[-1]}Acct.{number}" for number in ACCOUNTS]

    @property
    def payee(self) -> str:
        """The name of the other party."""
        return " ".join(self._shared(*self._names).split())

    @property
    def counterparty_account(self) -> str:
        return self._shared(*self._accounts)

    @property
    def reference(self) -> str:
        """The end-to-end id, or the number of the cheque."""
        found = (self._shared(path) for path in ("Refs.EndToEndId", "Refs.ChqNb"))
        return next(filter(None, map(usable, found)), "")

    @property
    def memo(self) -> str:
        """The remittance information: lines of one transaction, or what is the same in all."""
        if self._count > 1:
            return self._shared(_UNSTRUCTURED)
        text = _detail(self._leaves, _UNSTRUCTURED) or _detail(self._leaves, *_STRUCTURED)
        return " ".join(text.removesuffix(MORE).split())

    def description(self, *, has_id: bool) -> str:
        """Return the description.

        If the bank gives an entry no id, it names the references and the counterparty's account:
        often nothing else tells two payments apart.
        """
        text = self._text()
        if has_id:
            return text
        paths = (*REFERENCES, *self._account_paths())
        lines = chain.from_iterable(_first_lines(self._leaves.get(path, "")) for path in paths)
        references = dict.fromkeys(line for line in lines if usable(line))
        return " – ".join(
            filter(None, [text, ", ".join(each for each in references if each not in text)])
        )

    def _account_paths(self) -> Iterator[str]:
        """Yield the paths at which the account of the other party may be."""
        return (f"{root}.{path}" for root in DETAILS for path in self._accounts)

    def _text(self) -> str:
        """Return the counterparty, by its name or account, and the remittance information."""
        counterparty = _shown(_detail(self._leaves, *self._names, *self._accounts[:2]))
        about = _detail(self._leaves, _UNSTRUCTURED, *_STRUCTURED)
        about = about or self._leaves.get("AddtlNtryInf", "")
        about = about or _detail(self._leaves, "AddtlTxInf")
        texts = [counterparty, " ".join(_shown(about).split())]
        return " – ".join(text for text in texts if text)

    def _shared(self, *paths: str) -> str:
        """Return the first of these that each transaction of the entry has, and has alike."""
        lines = _detail(self._leaves, *paths).splitlines()
        is_shared = len(set(lines)) == 1 and len(lines) >= self._count
        return lines[0] if is_shared else ""


def _first_lines(text: str) -> Sequence[str]:
    return text.removesuffix(MORE).splitlines()[:SHOWN]


def _detail(leaves: Leaves, *paths: str) -> str:
    found = (leaves.get(f"{root}.{path}") for path in paths for root in DETAILS)
    return next((text for text in found if text), "")


def _shown(text: str) -> str:
    """Return the first lines, and how many more there are if that is known."""
    lines = list(dict.fromkeys(text.removesuffix(MORE).splitlines()))
    more = len(lines) - SHOWN
    shown = ", ".join(lines[:SHOWN])
    if text.endswith(MORE):
        return f"{shown} and more"
    return f"{shown} and {more} more" if more > 0 else shown

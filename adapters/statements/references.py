"""References and ids: banks also write words for "none", and ids that never change."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

from domain.ledger.values import AccountReference, Statement, StatementRow

# Signs and zeros alone stand for nothing, and so do several x.
_NOTHING = re.compile(r"[\W_0]*|[\W_xX]{2,}")
# An id that all rows share is none if so many of them are different.
_SEVERAL = 3
_APART = re.compile(r"[\W_]+")
# Longer texts are not compared with the words below.
_MAX_WORD = 40
# SEPA agreed on NOTPROVIDED, SWIFT on NONREF; some banks append to them.
_BEGINNINGS = ("NOTPROVIDED", "NONREF")
# Words for "no reference", in capitals and without blanks and signs.
_WORDS = frozenset(
    """
    NOREF NOREFERENCE NOID NONE NIL NULL NULLVALUE NA NAN ND NV KA SN UNKNOWN UNDEFINED UNSPECIFIED
    NOTSPECIFIED NOTAVAILABLE NOTAPPLICABLE NOTGIVEN NOTKNOWN NOTSET NOTSTATED NOTUSED NODATA
    NOTPRESENT NOTASSIGNED UNASSIGNED UNAVAILABLE EMPTY BLANK MISSING DEFAULT DUMMY TBD
    WITHOUTREFERENCE STARTUMS STARTUMSE
    KEINE KEINEREFERENZ KEINEREF KEINEANGABE KEINEANGABEN OHNE OHNEREFERENZ OHNEREF UNBEKANNT
    NICHTANGEGEBEN NICHTVERFÜGBAR NICHTVERFUEGBAR NICHTVORHANDEN LEER
    AUCUN AUCUNE AUCUNEREFERENCE AUCUNERÉFÉRENCE SANSREFERENCE SANSRÉFÉRENCE NONFOURNI NONFOURNIE
    NONCOMMUNIQUE NONCOMMUNIQUÉ NONDISPONIBLE NONRENSEIGNE NONRENSEIGNÉ INCONNU INCONNUE NEANT NÉANT
    SINREFERENCIA SINREF SINDATOS NODISPONIBLE NOINFORMADO NINGUNO NINGUNA DESCONOCIDO NOCONSTA
    SEMREFERENCIA SEMREFERÊNCIA NAOINFORMADO NÃOINFORMADO NENHUM NENHUMA DESCONHECIDO
    NESSUNO NESSUNA NESSUNRIFERIMENTO SENZARIFERIMENTO NONDISPONIBILE NONPRESENTE NONFORNITO
    SCONOSCIUTO NONSPECIFICATO
    GEEN GEENREFERENTIE GEENREF ONBEKEND NIETOPGEGEVEN NIETBESCHIKBAAR NIETBEKEND ZONDERREFERENTIE
    INGEN INGENREFERANSE INGENREFERENS INGENREFERENCE UKJENT UKENDT OKÄND OKAND EIVIITETTÄ
    EITIEDOSSA BRAK BRAKDANYCH BRAKREFERENCJI NIEPODANO NIEZNANY ŽÁDNÝ NEUVEDENO NINCS YOK
    """.split()
)


def usable(text: str) -> str | None:
    """Return a reference without the blanks around it, or None if it identifies nothing."""
    text = text.strip()
    if _NOTHING.fullmatch(text):
        return None
    if len(text) > _MAX_WORD:
        return text
    word = _APART.sub("", text).upper()
    return None if word in _WORDS or word.startswith(_BEGINNINGS) else text


def without_constant_ids(statements: Sequence[Statement]) -> list[Statement]:
    """Return the statements of a file without ids that all rows of an account share.

    A bank that gives different rows one and the same id identifies none of them.
    """
    rows: defaultdict[AccountReference, list[Sequence[StatementRow]]] = defaultdict(list)
    for statement in statements:
        rows[statement.account].append(statement.rows)
    constant = {account for account, lists in rows.items() if _share_an_id(lists)}
    return [
        replace(each, rows=[replace(row, provider_id=None) for row in each.rows])
        if each.account in constant
        else each
        for each in statements
    ]


def _share_an_id(lists: Sequence[Iterable[StatementRow]]) -> bool:
    """Return whether all rows have one id, although they are several transactions.

    Two different rows may be a payment and its fee, or a pending row and the booked one.
    """
    first = next(chain.from_iterable(lists), None)
    if first is None or first.provider_id is None:
        return False
    different: dict[bool, set[object]] = {True: set(), False: set()}
    for row in chain.from_iterable(lists):
        if row.provider_id != first.provider_id:
            return False
        if len(different[row.pending]) < _SEVERAL:
            different[row.pending].add((row.amount, row.booking_date, row.description))
    return max(map(len, different.values())) >= _SEVERAL

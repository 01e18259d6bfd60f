"""References and ids: banks also write words for "none", and ids that never change."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

from domain.ledger.values import AccountReference, Statement, StatementRow
from domain.shared.folding import comparable

# Signs and zeros alone stand for nothing, and so do several x.
_NOTHING = re.compile(r"[\W_0]*|[\W_xX]{2,}")
# An id that all rows share is none if so many of them are different.
_SEVERAL = 3
_APART = re.compile(r"[\W_]+")
# Longer texts are not compared with the words below.
_MAX_WORD = 40
# SEPA agreed on NOTPROVIDED, SWIFT on NONREF; some banks append to them.
_BEGINNINGS = ("NOTPROVIDED", "NONREF")
# Below, all words are in capitals, without blanks, signs and accents.
_WORDS = """
    NONE NIL NULL NULLVALUE NA NAN ND NV KA SN NOID UNKNOWN UNDEFINED UNASSIGNED UNAVAILABLE EMPTY
    BLANK MISSING INVALID DEFAULT DUMMY TBD STARTUMS STARTUMSE
    KEINE OHNE LEER UNGULTIG UNGUELTIG FEHLT AUCUN AUCUNE INCONNU INCONNUE NEANT INVALIDE MANQUANT
    NINGUNO NINGUNA DESCONOCIDO INVALIDO NOCONSTA NENHUM NENHUMA DESCONHECIDO NESSUNO NESSUNA
    SCONOSCIUTO MANCANTE GEEN ONBEKEND ONGELDIG LEEG INGEN UKJENT UKENDT OKAND OGILTIG UGYLDIG
    TUNTEMATON BRAK NIEZNANY NIEZNANA ZADNY ZADNA NEZNAMY NINCS ISMERETLEN YOK PUUDUB НЕТ
"""
_NEGATIONS = """
    NO NOT NON UN WITHOUT NIL NONE UNKNOWN MISSING INVALID EMPTY OHNE KEIN KEINE NICHT UNBEKANNTE
    SANS AUCUN AUCUNE PAS SIN NINGUN NINGUNA SEM NAO NENHUM NENHUMA SENZA NESSUN NESSUNA
    ZONDER GEEN NIET IKKE INGEN INGA INTE EJ UTEN UDEN UTAN EI ILMAN BRAK BEZ NIE NE NENI NEM NINCS
    FARA NU BREZ NAV NERA БЕЗ НЕ НЕТ
"""
_BETWEEN = "ANY VALID BANK CUSTOMER CLIENT KUNDEN PAYMENT UNIQUE ENDTOEND BEEN ESTE"
# The beginnings of what is missing, or of what was not done with it.
_MISSING = """
    REF RIF VIIT PROV GIV SPEC AVAIL APPLI STATED SUPPL SUBMIT ASSIGN PRESEN KNOWN DEFIN DATA
    DATEN DATOS DADOS DANYCH SET USED ENTERED FILLED RECEIVED
    ANGEG ANGAB VORHAND VERFUG VERFUEG BEKANNT GESETZT UBERMITT UEBERMITT MITGET
    FOURN COMMUNIQ DISPON RENSEIG INDIQ PRECIS TRANSM INFORM INDIC FACILI ESPEC PROPORC FORNE FORNI
    COMUNIC ASSEGN OPGEG BESCHIK BEKEND INGEVULD VERMELD AANWEZIG
    ANGIV ANGIT ANGET OPPGI OPGIV OPLYS TILGJ TILGA TILLG UPPGIF ILMOIT ANNET ANTET SAATAV TIEDO
    PODAN DOSTEP OKRESL UVED ZADAN UDAN MEGAD HIVATK ELERHET DISPONIB SPECIF DOPLN
    РЕФ ССЫЛ УКАЗ ПРЕДОСТ ДАННЫХ
"""
# A word for the reference itself may stand in front, as in “KREF+NONREF”.
_IN_FRONT = r"[A-Z]?REF(?:ERE?N[A-Z]{1,4}?)?|(?:ENDTOEND|TRANSACTION|TX|BANK)?ID|ENDTOEND(?:REF)?"


def _any_of(words: str) -> str:
    return "|".join(sorted(words.split(), key=len, reverse=True))


# Some banks write only as much of it as the field has room for.
_NONE = re.compile(
    rf"(?:{_IN_FRONT})?"
    rf"(?:{_any_of(_WORDS)}"
    rf"|(?:{_any_of(_NEGATIONS)})(?:{_any_of(_BETWEEN)})?(?:{_any_of(_MISSING)})[^\W\d_]*"
    rf"|(?:{'|'.join(_BEGINNINGS)}).*)"
)


def usable(text: str) -> str | None:
    """Return a reference without the blanks around it, or None if it identifies nothing."""
    text = text.strip()
    if not text or _NOTHING.fullmatch(text):
        return None
    if len(text) > _MAX_WORD:
        return text
    return None if _NONE.fullmatch(_bare(text)) else text


def _bare(text: str) -> str:
    apart = _APART.sub("", text).upper()
    if apart.isascii():
        return apart
    apart = comparable(apart, "NFKD")
    return "".join(each for each in apart if not unicodedata.combining(each))


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

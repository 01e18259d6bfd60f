"""What banks call balances."""

import re
from functools import lru_cache

from adapters.statements.csv.words.comparing import normalize
from adapters.statements.months import MONTHS
from domain.ledger.kinds import BalanceKind

# What banks call the balance before the first row, the one after the last, and either of them.
_BALANCES = {
    BalanceKind.OPENING: """
        opening balance|beginning balance|starting balance|start balance|initial balance
        prior balance|previous balance|old balance|balance brought forward|balance forward
        balance b f|brought forward|balance at start|balance at beginning|bal b f|b f|opening bal
        balance bf|balance fwd|bal fwd|opening ledger balance|previous statement balance
        anfangssaldo|anfangsbestand|anfangskontostand|anfangsstand|eröffnungssaldo
        eröffnungsbestand|eröffnungsstand|alter saldo|saldo alt|alter kontostand|kontostand alt
        alter stand|vorheriger saldo|vorheriger kontostand|saldo zu beginn|kontostand zu beginn
        saldo vormonat|kontostand vormonat|saldovortrag|startsaldo|startkontostand|vortrag|übertrag
        solde initial|solde d ouverture|solde ouverture|ancien solde|solde ancien|solde précédent
        solde antérieur|solde de départ|solde de début|solde en début|solde au début|solde début
        solde reporté|report à nouveau|report solde|solde du relevé précédent
        saldo inicial|saldo anterior|saldo de apertura|saldo apertura|saldo previo|saldo de abertura
        saldo de inicio|saldo al inicio|saldo inicio|saldo no inicio|saldo transportado
        saldo iniziale|saldo precedente|saldo di apertura|saldo apertura|saldo a riportare
        saldo di partenza|saldo di inizio|saldo a inizio|saldo inizio|saldo riportato
        beginsaldo|begin saldo|openingssaldo|vorig saldo|vorige saldo|oud saldo|oude saldo
        startsaldo|start saldo|aanvangssaldo|beginstand|startstand|vorige stand|oude stand
        beginbalans|openingsbalans|saldo begin|saldo vorig afschrift
        ingående saldo|ingående balans|inngående saldo|inngående balanse|indgående saldo|primosaldo
        primo saldo|saldo primo|föregående saldo|tidigare saldo|öppningssaldo|forrige saldo
        tidligere saldo|gammel saldo|åpningssaldo|åbningssaldo|åpningsbalanse
        alkusaldo|aloitussaldo|avaussaldo|edellinen saldo
        saldo początkowe|saldo otwarcia|saldo poprzednie|poprzednie saldo|saldo na początek
        saldo na początku|saldo wejściowe|stan początkowy
        počáteční zůstatek|předchozí zůstatek|minulý zůstatek|původní zůstatek|starý zůstatek
        zůstatek na začátku|počáteční stav|počiatočný zostatok|predchádzajúci zostatok
        počiatočný stav|nyitó egyenleg|nyitóegyenleg|előző egyenleg|kezdő egyenleg|kezdőegyenleg
        induló egyenleg|sold inițial|sold precedent|sold anterior|sold de deschidere
        početno stanje|prethodno stanje|začetno stanje|prejšnje stanje|staro stanje|početni saldo
        prethodni saldo|açılış bakiyesi|devreden bakiye|önceki bakiye|başlangıç bakiyesi
        входящий остаток|начальный остаток|предыдущий остаток|остаток на начало|входящее сальдо
        начальное сальдо|сальдо на начало|входящий баланс|начальный баланс|баланс на начало
        вхідний залишок|початковий залишок|залишок на початок|начално салдо|αρχικό υπόλοιπο
        προηγούμενο υπόλοιπο|algsaldo|algjääk|sākuma atlikums|pradinis likutis|likutis pradžiai
        期初余额|繰越残高|前月繰越
    """,
    BalanceKind.BOOKED: """
        closing balance|ending balance|end balance|final balance|new balance
        balance carried forward|carried forward|balance c f|c f|bal c f|closing bal|balance at end
        balance cf|closing ledger balance
        endsaldo|endbestand|endkontostand|endstand|schlusssaldo|schlußsaldo|schlussbestand
        schlussstand|abschlusssaldo|abschlusskontostand|neuer saldo|saldo neu|neuer kontostand
        kontostand neu|neuer stand|saldo am ende|kontostand am ende
        solde final|solde de clôture|solde clôture|nouveau solde|solde nouveau|solde de fin
        solde en fin|solde à la fin|solde fin
        saldo final|saldo de cierre|saldo al cierre|saldo cierre|saldo al final|nuevo saldo
        saldo nuevo|saldo de fecho|saldo de encerramento|saldo no fim|novo saldo|saldo a transportar
        saldo finale|saldo di chiusura|saldo chiusura|saldo di fine|saldo a fine|saldo fine
        nuovo saldo|eindsaldo|eind saldo|slotsaldo|nieuw saldo|nieuwe saldo|eindstand|eind stand
        nieuwe stand|slotstand|eindbalans|saldo eind|saldo einde
        utgående saldo|utgående balans|utgående balanse|slutsaldo|sluttsaldo|udgående saldo
        ultimosaldo|ultimo saldo|saldo ultimo|nytt saldo|ny saldo|loppusaldo|päätössaldo|uusi saldo
        saldo końcowe|saldo zamknięcia|saldo na koniec|nowe saldo|saldo wyjściowe|stan końcowy
        konečný zůstatek|nový zůstatek|zůstatek na konci|konečný stav|konečný zostatok
        nový zostatok|záró egyenleg|záróegyenleg|új egyenleg|végegyenleg|végső egyenleg
        sold final|sold nou|sold de închidere|završno stanje|konačno stanje|končno stanje
        novo stanje|završni saldo|novi saldo|kapanış bakiyesi|yeni bakiye
        исходящий остаток|конечный остаток|новый остаток|остаток на конец|исходящее сальдо
        конечное сальдо|сальдо на конец|исходящий баланс|конечный баланс|баланс на конец
        вихідний залишок|кінцевий залишок|залишок на кінець|крайно салдо|τελικό υπόλοιπο
        νέο υπόλοιπο|lõppsaldo|lõppjääk|beigu atlikums|galutinis likutis|likutis pabaigai|期末余额
    """,
    None: """
        balance|current balance|account balance|statement balance|ledger balance|book balance
        kontostand|saldo|stand|kontosaldo|aktueller saldo|aktueller kontostand|saldo aktuell
        solde|solde actuel|solde courant|solde comptable|solde du compte
        saldo actual|saldo atual|saldo attuale|saldo contable|saldo contabile|saldo contabilístico
        huidig saldo|huidige saldo|actueel saldo|aktuellt saldo|aktuel saldo|nåværende saldo
        nuværende saldo|nykyinen saldo|tilin saldo|saldo bieżące|saldo aktualne|aktualne saldo
        stan konta|zůstatek|aktuální zůstatek|zostatok|aktuálny zostatok|egyenleg|aktuális egyenleg
        számlaegyenleg|sold|sold curent|stanje|trenutno stanje|bakiye|güncel bakiye
        остаток|сальдо|баланс|текущий остаток|текущее сальдо|текущий баланс|залишок|салдо|υπόλοιπο
        jääk|atlikums|likutis|余额|残高
    """,
}
# What these balances may be said to be of.
_PERIODS = set(
    "period periode periodes periodo perioodi perioden periodens zeitraum zeitraums month"
    " monat monats mois maand mes mese year jahr jahres day tag tages jour journee giorno okresu"
    " obdobi obdobia idoszak perioada периода період statement auszug kontoauszug releve extracto"
    " extrato estratto conto konto account".split()
)


def _labels(words: str) -> str:
    labels = {normalize(word) for word in re.split(r"[|\n]", words)} - {""}
    return "|".join(sorted(map(re.escape, labels), key=len, reverse=True))


_BALANCE_LABELS = {
    kind: re.compile(rf"(?:{_labels(words)})(?: (?P<rest>.*))?")
    for kind, words in _BALANCES.items()
}
_FIRST_WORDS = frozenset(
    normalize(label).partition(" ")[0]
    for words in _BALANCES.values()
    for label in re.split(r"[|\n]", words)
)
# No word of a label is longer.
_LONGEST = 40
_CACHED = 4096
# These labels may also be the text of a transaction: a brand, a transfer, a lecture, initials.
_MAY_BE_PAYMENTS = frozenset(
    normalize(text)
    for text in (
        "new balance|final balance|b f|c f|übertrag|vortrag|endstand|solde final|saldo finale"
        "|saldo final|sold final"
    ).split("|")
)
# Beside a date, no longer words than these stand behind the label of a balance.
_SHORT = 3


def labelled_balance(text: str) -> BalanceKind | None:
    """Return the kind of balance that a text labels, as in “Opening balance as of 03/01/2026”."""
    words = _spelled(text)
    kinds = (BalanceKind.OPENING, BalanceKind.BOOKED)
    return next((kind for kind in kinds if _labels_balance(words, kind)), None)


def clear_balance(text: str) -> BalanceKind | None:
    """Return the kind of balance that a text labels, unless the label may be of a payment."""
    # Most rows begin with another word, which many of them have in common.
    if not _may_begin(text[:_LONGEST].partition(" ")[0]):
        return None
    words = _spelled(text)
    if any(f"{words} ".startswith(f"{label} ") for label in _MAY_BE_PAYMENTS):
        return None
    return labelled_balance(text)


@lru_cache(_CACHED)
def _may_begin(word: str) -> bool:
    """Say whether a label may begin with a word, or whether more than it tells."""
    first = normalize(word).partition(" ")[0]
    return not first or first in _FIRST_WORDS


def names_balance(text: str) -> bool:
    """Say whether a text labels a balance of whatever kind, as “Balance on 03/01/2026” does."""
    words = _spelled(text)
    return any(_labels_balance(words, kind) for kind in _BALANCE_LABELS)


def _spelled(text: str) -> str:
    """Return the words of a text; letters that are spaced out, as in “S A L D O”, are one word."""
    words = normalize(text)
    is_spaced = len(words) > 4 and words[1::2].isspace()
    return words.replace(" ", "") if is_spaced else words


def _labels_balance(words: str, kind: BalanceKind | None) -> bool:
    match = _BALANCE_LABELS[kind].fullmatch(words)
    return match is not None and all(map(_may_follow, (match["rest"] or "").split()))


def _may_follow(word: str) -> bool:
    is_short = len(word) <= _SHORT or any(map(str.isdigit, word))
    return is_short or word in MONTHS or word in _PERIODS

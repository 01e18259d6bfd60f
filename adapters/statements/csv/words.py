"""The words that banks write above and in their columns, in their languages."""

import re
import unicodedata

from domain.ledger.hints import CsvColumn
from domain.ledger.values import BalanceKind, TransactionKind
from domain.shared.money import is_currency
from domain.shared.text import comparable

# All words are written as `normalize` returns them. Here, in order of preference; a line break
# separates them as `|` does.
_HEADERS = {
    CsvColumn.BOOKING_DATE: """
        booking date|posting date|posted date|post date|date posted|booked|posted|booking
        buchungstag|buchungsdatum|buchung|datum buchung|date de comptabilisation|date comptable
        date d operation|date operation|date de l operation|date d ecriture|fecha de operacion
        fecha operacion|f operacion|fecha contable|f contable|boekdatum|boekingsdatum
        datum boeking|data contabile|data operazione|data movimento|data registrazione
        data lancamento|data mov|data ksiegowania|bokforingsdag|bokforingsdatum|bokforingsdato
        bogforingsdato|kirjauspaiva|completed date|date completed|date|datum|fecha|data|dato
        transaction date|date of transaction|trans date|transactiedatum|transaktionsdatum
        data operacji|journal date|created|created date|created utc|started date|timestamp
    """,
    CsvColumn.VALUE_DATE: """
        value date|valuta|valutadatum|valuta datum|valutatag|wertstellung|wertstellungstag
        wertstellungsdatum|date de valeur|date valeur|valeur|fecha valor|fecha de valor|f valor
        rentedatum|data valuta|data valore|data valor|rantedag|rentedato|arvopaiva
    """,
    CsvColumn.AMOUNT: """
        amount|net amount|transaction amount|betrag|buchungsbetrag|transaktionsbetrag|umsatz
        montant|montant de l operation|importe|importo|bedrag|transactiebedrag|valor|valore
        kwota|belopp|belob|belop|summa|amount in account currency|net|netto|gross|brutto|total
    """,
    CsvColumn.DEBIT: """
        debit|debits|debit amount|amount debit|withdrawal|withdrawals|withdrawal amount
        withdrawal amt|withdrawal amount inr|paid out|money out|soll|belastung|belastungen|ausgang
        ausgaben|debito|debiti|cargo|cargos|debe|adeudo|addebito|addebiti|uscite|dare|retrait
        retraits|depenses|uitgaven|debitos|out
    """,
    CsvColumn.CREDIT: """
        credit|credits|credit amount|amount credit|deposit|deposits|deposit amount|deposit amt
        paid in|money in|haben|gutschrift|gutschriften|eingang|einnahmen|credito|crediti|abono
        abonos|haber|ingreso|accredito|accrediti|entrate|avere|depot|recettes|inkomsten|creditos|in
    """,
    CsvColumn.DIRECTION: """
        debit credit|credit debit|credit debit indicator|debit or credit|dr cr|cr dr|d c|c d|dc
        soll haben|s h|h s|sh|af bij|bij af|direction|sens|indicator|vorzeichen|kennzeichen|segno
        signo|sign|transaction type|type|details|typ|tipo
    """,
    CsvColumn.CURRENCY: """
        currency|currency code|ccy|account currency|transaction currency|wahrung|waehrung|whg
        devise|monnaie|monn|moneda|divisa|valuta|valutacode|munt|muntsoort|valutasoort|moeda
        waluta|valuutta
    """,
    CsvColumn.DESCRIPTION: """
        payee|merchant name|merchant|partner name|counterparty name|counterparty|payee name
        beguenstigter zahlungspflichtiger|begunstigter zahlungspflichtiger|auftraggeber empfanger
        auftraggeber empfaenger|auftraggeber begunstigter|auftraggeber beguenstigter
        empfanger auftraggeber|zahlungsempfanger|zahlungsempfanger in|zahlungsbeteiligter
        name zahlungsbeteiligter|empfanger|empfaenger|name|naam|naam tegenpartij|tegenpartij
        naam omschrijving|beneficiaire|tiers|beneficiario|nom|nombre|description 1
        description|desc|beschreibung|bezeichnung|libelle|libelle operation|concepto|descripcion
        descrizione|causale|omschrijving|descricao|opis|text|beskrivelse|beskrivning|selite
        buchungsdetails|counter party|narrative|particulars|transaction description|details|items
    """,
    CsvColumn.MEMO: """
        memo|verwendungszweck|vwz1|zweck|reason|payment reference|reference|notes|note|message
        remittance information|additional description|description 2|mededelingen|mededeling
        original description|extended details|libelle complementaire|motif|communication
        observaciones|mas datos|observations|note descrittive|descrizione estesa|info|subcategory
    """,
    CsvColumn.PROVIDER_ID: """
        transaction id|transactionid|fitid|unique id|id|order id|transaction number|transaction ref
        transaktions id|transaktionsid|transaktionsnummer|no de transaction|numero de transaction
        id transaccion|transactie id|transactiereferentie|volgnr|buchungsreferenz|id transazione
    """,
    CsvColumn.BALANCE: """
        balance|running balance|running bal|account balance|balance after|closing balance|saldo
        saldo nach buchung|kontostand|solde|saldo contable|saldo contabile|saldo na mutatie
        saldo na trn|saldo na boeking|saldo po operacji
    """,
    CsvColumn.ACCOUNT: """
        auftragskonto|iban auftragskonto|own account|account name|account|rekening
        account number|account no|kontonummer|konto|iban|iban bban|rekeningnummer|compte
        numero de compte|cuenta|numero de cuenta|conto|numero conto|produit|produkt|product
        account id
    """,
    CsvColumn.KIND: """
        transaction type|type|buchungstext|buchungsart|umsatzart|umsatztyp|vorgang|posting text
        mutatiesoort|tipo|type operation|type d operation|kind|typ|class
    """,
    CsvColumn.STATUS: """
        status|state|transaction status|booking status|payment status|buchungsstatus|umsatzstatus
        transaktionsstatus|statut|etat|estado|situacao|stato|stan|stav|tila|durum|info
    """,
}
#: The headers of each column, in order of preference.
HEADERS = {
    column: [word.strip() for word in re.split(r"[|\n]", words) if word.strip()]
    for column, words in _HEADERS.items()
}
KNOWN = {word for words in HEADERS.values() for word in words}

#: These name the counterparty's account as often as the user's own; the own account stands before
#: the date.
OWN_BEFORE_THE_DATE = set(
    "account number|account no|kontonummer|konto|iban|compte|cuenta|conto|produit|produkt"
    "|product|account id|numero de compte|numero de cuenta|numero conto".split("|")
)
#: These name the kind of a transaction as often as its direction.
TYPES = {"transaction type", "type", "details", "typ", "tipo"}
#: Labels of the account and of the currency, in lines above the table.
ACCOUNT_LABELS = {word for word in HEADERS[CsvColumn.ACCOUNT] if not word.startswith("prod")} | set(
    "girokonto|kreditkarte|iban nummer|account iban|numero de conta|accountnumber".split("|")
)
CURRENCY_LABELS = set(HEADERS[CsvColumn.CURRENCY])

#: Columns of the time of day, beside that of the date.
TIMES = set(
    "time|booking time|transaction time|time of transaction|uhrzeit|zeit|buchungszeit|heure|hora"
    "|ora|orario|tijd|tijdstip|tid|tidspunkt|klokkeslett|klokkeslet|kellonaika|godzina|czas|cas"
    "|idopont|saat|время".split("|")
)

#: A list of purchases rather than of an account: its amounts may have no sign.
PURCHASES = set("card karte kreditkarte carte tarjeta kaart carta merchant order".split())
#: Names of a card that is an account of its own, anywhere in a label.
CREDIT_CARDS = (
    "credit card|creditcard|kreditkarte|kreditkort|card member|cardholder|karteninhaber"
    "|carte de credit|tarjeta de credito|carta di credito|cartao de credito"
).split("|")

DEBITS = set(
    "debit|dr|d|db|dbit|debet|soll|s|af|-|out|outgoing|payment out|withdrawal|debito|cargo|adeudo"
    "|addebito|dare|lastschrift|belastung|uscita|sortie".split("|")
)
CREDITS = set(
    "credit|cr|c|crdt|haben|h|bij|+|in|incoming|payment in|deposit|credito|abono|accredito"
    "|avere|gutschrift|entrata|entree|kredit".split("|")
)
PENDING = set(
    "pending|unposted|not posted|unsettled|not settled|uncleared|not cleared|in progress|processing"
    "|in process|hold|on hold|held|authorised|authorized|authorisation|authorization|provisional"
    "|preauthorized|preauthorised|outstanding|scheduled|upcoming|initiated|queued|awaiting|memo"
    "|memo posted|pdng|vorgemerkt|umsatz vorgemerkt|vormerkung|ausstehend|offen|reserviert"
    "|nicht gebucht|noch nicht gebucht|in bearbeitung|autorisiert|autorisierung|schwebend|wartend"
    "|geplant|angekundigt|unbestatigt|vorlaufig|en attente|en cours|en cours de traitement|a venir"
    "|en traitement|autorisation|autorise|autorisee|non comptabilise|provisoire|prevu|pendiente"
    "|en proceso|en tramite|procesando|retenido|retenida|autorizado|autorizada|no contabilizado"
    "|pendente|em processamento|em andamento|processando|aguardando|em aberto|in attesa|in corso"
    "|non contabilizzato|da contabilizzare|in elaborazione|autorizzato|autorizzata|in sospeso"
    "|in behandeling|gereserveerd|reservering|in afwachting|nog niet verwerkt|geautoriseerd"
    "|voorlopig|oczekujaca|oczekujace|oczekuje|w trakcie|w trakcie realizacji|w realizacji"
    "|nierozliczona|nierozliczone|blokada|autoryzacja|reserverad|reserverat|vantande|pagaende"
    "|preliminar|reservert|venter|under behandling|ikke bokfort|ikke bogfort|afventer|reserveret"
    "|odottaa|katevaraus|varaus|cekajici|nezauctovano|blokace|cakajuca|fuggoben|beklemede"
    "|provizyon|in asteptare|в обработке|в ожидании|ожидает|холд".split("|")
)
#: Kinds of rows that only announce a payment, whatever their status is.
AUTHORIZATIONS = set(
    "general authorization|general authorisation|authorization|authorisation|card authorization"
    "|pre authorization|preauthorization|account hold for open authorization|authorization hold"
    "|reversal of general account hold|temporary hold|allgemeine autorisierung|autorisierung"
    "|autorisation generale|autorisation|autorizacion general|autorizacion|autorizzazione"
    "|autorizzazione generale|autorizacao geral|algemene autorisatie|reservering".split("|")
)
#: The transaction was never booked.
FAILED = set(
    "failed|declined|rejected|reverted|cancelled|canceled|expired|void|voided|denied|storniert"
    "|abgelehnt|fehlgeschlagen|refuse|refusee|annule|annulee|rechazado|cancelado|rifiutato|geweigerd".split(
        "|"
    )
)

#: Symbols of exactly one currency; a dollar may be one of many.
SYMBOLS = {"€": "EUR", "£": "GBP", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY", "₴": "UAH"}

#: What banks call the kinds of transactions.
KINDS = {
    **dict.fromkeys(["fee", "fees", "gebuhr", "gebuhren", "frais"], TransactionKind.FEE),
    **dict.fromkeys(["interest", "zins", "zinsen", "interets"], TransactionKind.INTEREST),
    **dict.fromkeys(["dividend", "dividende"], TransactionKind.DIVIDEND),
    **dict.fromkeys(["atm", "geldautomat", "geldautomatauszahlung"], TransactionKind.ATM),
    **dict.fromkeys(["check", "cheque", "scheck"], TransactionKind.CHECK),
    **dict.fromkeys(["deposit", "einzahlung"], TransactionKind.DEPOSIT),
    **dict.fromkeys(["pos", "card payment", "kartenzahlung"], TransactionKind.POINT_OF_SALE),
    **dict.fromkeys(["direct debit", "lastschrift", "dd"], TransactionKind.DIRECT_DEBIT),
    **dict.fromkeys(["standing order", "dauerauftrag", "so"], TransactionKind.REPEATING_PAYMENT),
    **dict.fromkeys(
        ["transfer", "uberweisung", "virement", "bank transfer"], TransactionKind.TRANSFER
    ),
}

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
        προηγούμενο υπόλοιπο|algsaldo|algjääk|sākuma atlikums|pradinis likutis
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
        νέο υπόλοιπο|lõppsaldo|lõppjääk|beigu atlikums|galutinis likutis|期末余额
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

_MONTHS = """
    january januar janvier enero januari gennaio jan ene gen janv
    february februar fevrier febrero februari febbraio feb fevr fev
    march marz mars marzo maart mar mrz mrt maerz
    april avril abril aprile apr avr abr
    may mai mayo mei maggio mag
    june juni juin junio giugno jun giu
    july juli juillet julio luglio jul juil lug
    august aout agosto augustus aug ago aou
    september septembre septiembre settembre sep sept set
    october oktober octobre octubre ottobre oct okt ott
    november novembre noviembre nov
    december dezember decembre diciembre dicembre dec dez dic
"""
#: The numbers of months by their names, in full and abbreviated.
MONTHS = {
    name: number
    for number, names in enumerate(_MONTHS.strip().splitlines(), start=1)
    for name in names.split()
}

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# An IBAN, with or without blanks.
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?:\s?[A-Z0-9]){11,30}", re.ASCII)
_APART = re.compile(r"[\W_]+")
# Only so much of a header is compared.
_MAX_HEADER = 200
_HEADER_CURRENCY = re.compile(r"(?:\bin\s+|[(\[]\s*|\s)([A-Z]{3}|[€£₹₽₩₺₴$])(?:\s*+[)\]])?\s*+$")


def normalize(text: str) -> str:
    """Return text in lower case, without accents or punctuation, to compare it."""
    apart = _CAMEL.sub(" ", text[:_MAX_HEADER])
    bare = comparable(apart.casefold(), "NFKD")
    return _APART.sub(" ", "".join(c for c in bare if not unicodedata.combining(c))).strip()


def compact_number(number: str) -> str:
    """Return an account number without blanks if it is an IBAN, to compare it."""
    number = number.strip()
    return "".join(number.split()) if _IBAN.fullmatch(number) else number


def normalize_header(name: str) -> str:
    """Return the words of a header to compare them, without a currency at their end."""
    words = normalize(name)
    if words in KNOWN:
        return words
    return normalize(_HEADER_CURRENCY.sub("", name[:_MAX_HEADER].strip()))


def header_currency(name: str) -> str:
    """Return the currency that a header names, as in “Amount (EUR)”."""
    match = _HEADER_CURRENCY.search(name[:_MAX_HEADER].strip())
    found = SYMBOLS.get(match[1], match[1]) if match and normalize_header(name) in KNOWN else ""
    return found if is_currency(found) else ""


def _labels(words: str) -> str:
    labels = {normalize(word) for word in re.split(r"[|\n]", words)} - {""}
    return "|".join(sorted(map(re.escape, labels), key=len, reverse=True))


_BALANCE_LABELS = {
    kind: re.compile(rf"(?:{_labels(words)})(?: (?P<rest>.*))?")
    for kind, words in _BALANCES.items()
}
# Beside a date, no longer words than these stand behind the label of a balance.
_SHORT = 3


def labelled_balance(text: str) -> BalanceKind | None:
    """Return the kind of balance that a text labels, as in “Opening balance as of 03/01/2026”."""
    words = normalize(text)
    kinds = (BalanceKind.OPENING, BalanceKind.BOOKED)
    return next((kind for kind in kinds if _labels_balance(words, kind)), None)


def names_balance(text: str) -> bool:
    """Say whether a text labels a balance of whatever kind, as “Balance on 03/01/2026” does."""
    words = normalize(text)
    return any(_labels_balance(words, kind) for kind in _BALANCE_LABELS)


def _labels_balance(words: str, kind: BalanceKind | None) -> bool:
    match = _BALANCE_LABELS[kind].fullmatch(words)
    return match is not None and all(map(_may_follow, (match["rest"] or "").split()))


def _may_follow(word: str) -> bool:
    is_short = len(word) <= _SHORT or any(map(str.isdigit, word))
    return is_short or word in MONTHS or word in _PERIODS

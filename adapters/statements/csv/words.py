"""The words that banks put above and into their columns, in the languages they speak."""

import re
import unicodedata

from domain.ledger.hints import CsvColumn
from domain.shared.text import comparable

# In order of preference, in the form that `plain` gives them; a line ends as `|` does.
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
        buchungsdetails|narrative|particulars|transaction description|details|items
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
    CsvColumn.STATUS: "status|state|statut|estado|stato|info",
}
#: Headers of every column in order of preference.
HEADERS = {
    column: [word.strip() for word in re.split(r"[|\n]", words) if word.strip()]
    for column, words in _HEADERS.items()
}
KNOWN = {word for words in HEADERS.values() for word in words}

#: These name the other side's account as often as one's own, which stands before the date.
OWN_BEFORE_THE_DATE = set(
    "account number|account no|kontonummer|konto|iban|compte|cuenta|conto|produit|produkt"
    "|product|account id|numero de compte|numero de cuenta|numero conto".split("|")
)
#: These name the sort of a movement as often as its direction.
TYPES = {"transaction type", "type", "details", "typ", "tipo"}
#: Above the statement itself, what names its account and its currency.
ACCOUNT_LABELS = {word for word in HEADERS[CsvColumn.ACCOUNT] if not word.startswith("prod")} | set(
    "girokonto|kreditkarte|iban nummer|account iban|numero de conta|accountnumber".split("|")
)
CURRENCY_LABELS = set(HEADERS[CsvColumn.CURRENCY])

#: A list of what was bought, rather than of an account: its amounts may have no sign.
PURCHASES = set("card karte kreditkarte carte tarjeta kaart carta merchant order".split())
#: What a card is called that is an account of its own, wherever it stands in a label.
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
    "pending|vorgemerkt|umsatz vorgemerkt|vormerkung|ausstehend|offen|en attente|en cours"
    "|a venir|pendiente|in attesa|non contabilizzato|in behandeling|gereserveerd|reservering"
    "|authorised|authorized|authorisation|authorization|processing|hold|on hold|pdng"
    "|reserviert|not posted|unposted".split("|")
)
#: What never became a movement.
FAILED = set(
    "failed|declined|rejected|reverted|cancelled|canceled|expired|void|voided|denied|storniert"
    "|abgelehnt|fehlgeschlagen|refuse|refusee|annule|annulee|rechazado|cancelado|rifiutato|geweigerd".split(
        "|"
    )
)

#: Signs that stand for one currency only; a dollar may be one of many.
SYMBOLS = {"€": "EUR", "£": "GBP", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY", "₴": "UAH"}

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_APART = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Return words in lower case, without accents and with single blanks: how they are compared."""
    apart = _CAMEL.sub(" ", text[:200])
    bare = comparable(apart.casefold(), "NFKD")
    return _APART.sub(" ", "".join(c for c in bare if not unicodedata.combining(c))).strip()

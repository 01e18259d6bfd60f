"""The words that rows say of themselves: debit or credit, pending or failed, and of which kind."""

from adapters.statements.csv.words.comparing import listed
from adapters.statements.csv.words.debits import CREDITS, DEBITS
from domain.ledger.kinds import TransactionKind


def directions(heading: str) -> tuple[set[str], set[str]]:
    """Return the words for debits and for credits in a column of this normalized heading."""
    words = [word for word in heading.split() if len(word) > 1]
    debits = {word[0] for word in words if word in DEBITS}
    credits_ = {word[0] for word in words if word in CREDITS}
    if not debits or not credits_ or debits & credits_:
        return DEBITS, CREDITS
    return (DEBITS - credits_) | debits, (CREDITS - debits) | credits_


#: Kinds of what a card pays for, of what is returned to it, and of what it costs.
PURCHASE_KINDS = set(
    listed("""
    purchase|purchases|card purchase|Kauf|Einkauf|Kartenkauf|achat|achat par carte|compra|compras
    acquisto|acquisti|aankoop|köp|kortköp|kjøp|varekjøp|køb|osto|zakup|nákup|vásárlás|cumpărătură
    kupovina|покупка
""")
)
RETURN_KINDS = set(
    listed("""
    refund|return|payment|credit|payment received|merchandise return|cashback|chargeback
    Gutschrift|Rückerstattung|Erstattung|Rückzahlung|Zahlung|Zahlungseingang
    remboursement|avoir|paiement|paiement reçu|crédit|reembolso|devolución|abono|pago|estorno
    pagamento|rimborso|accredito|terugbetaling|retour|betaling|återbetalning|inbetalning|betalning
    refusjon|innbetaling|tilbagebetaling|indbetaling|hyvitys|palautus|maksu|zwrot|spłata|vratka
    platba|visszatérítés|rambursare|povrat|возврат|оплата
""")
)
COST_KINDS = set(
    listed("""
    fee|fees|charge|charges|interest|interest charge|interest charged|cash advance|Gebühr|Gebühren
    Entgelt|Zins|Zinsen|frais|intérêts|comisión|intereses|commissione|interessi|kosten|rente|avgift
    ränta|gebyr|renter|opłata|odsetki
""")
)

PENDING = set(
    listed("""
    pending|unposted|not posted|unsettled|not settled|uncleared|not cleared|in progress|processing
    in process|hold|on hold|held|authorised|authorized|authorisation|authorization|provisional
    preauthorized|preauthorised|outstanding|scheduled|upcoming|initiated|queued|awaiting|memo
    memo posted|pdng|vorgemerkt|Umsatz vorgemerkt|Vormerkung|ausstehend|offen|reserviert
    nicht gebucht|noch nicht gebucht|in Bearbeitung|autorisiert|Autorisierung|schwebend|wartend
    geplant|angekündigt|unbestätigt|vorläufig
    en attente|en cours|en cours de traitement|à venir|en traitement|autorisation|autorisé|autorisée
    non comptabilisé|provisoire|prévu
    pendiente|en proceso|en trámite|procesando|retenido|retenida|autorizado|autorizada
    no contabilizado|pendente|em processamento|em andamento|processando|aguardando|em aberto
    in attesa|in corso|non contabilizzato|da contabilizzare|in elaborazione|autorizzato|autorizzata
    in sospeso|in behandeling|gereserveerd|reservering|in afwachting|nog niet verwerkt
    geautoriseerd|voorlopig
    oczekująca|oczekujące|oczekuje|w trakcie|w trakcie realizacji|w realizacji|nierozliczona
    nierozliczone|blokada|autoryzacja
    reserverad|reserverat|väntande|pågående|preliminär|reservert|venter|under behandling
    ikke bokført|ikke bogført|afventer|reserveret|odottaa|katevaraus|varaus
    čekající|nezaúčtováno|nezaúčtovaná|blokace|čakajúca|függőben|zárolt|na čekanju|u obradi
    beklemede|provizyon|în așteptare|εκκρεμεί|σε εκκρεμότητα
    в обработке|в ожидании|ожидает|холд|в обробці|очікує|处理中|等待付款|等待确认收货|保留中|未確定
""")
)
#: Answers below a heading such as “Pending?”.
YES = set(listed("yes|y|true|1|x|ja|j|oui|o|sí|s|sì|sim|tak|ano|igen|kyllä|да|是|はい"))
NO = set(listed("no|n|false|0|nein|nej|nei|non|não|nee|nie|ne|nem|ei|нет|ні|否|いいえ"))
#: How the words of a title begin that says its rows are pending, or that they are booked.
PENDING_STEMS = tuple(
    listed("""
    pending|unposted|unsettled|uncleared|provisional|outstanding|upcoming|authoris|authoriz
    vorgemerkt|Vormerkung|ausstehend|schwebend|unbestätigt|vorläufig|autoris|attente|provisoire
    pendient|pendent|retenid|autoriz|sospeso|attesa|gereserveerd|reservering|openstaand|afwachting
    oczekując|nierozliczon|niezaksięgowan|blokad|reserver|väntande|preliminär|ventende|afvent
    odottav|katevaraus|čekající|nezaúčtovan|čakajúc|függőben|zárolt|beklem|ожида|очіку|处理中|未確定
""")
)
BOOKED_STEMS = tuple(
    listed("""
    posted|booked|settled|cleared|completed|gebucht|verbucht|comptabilis|geboekt|verwerkt
    contabiliz|asentad|liquidad|efetivad|bokför|bokført|bogført|kirjat|zaksięgowan|rozliczon
    zaúčtovan|könyvelt|proknjižen|knjižen|înregistrat|gerçekleşen|проведен|исполнен|已入账|確定
""")
)
#: With one of these, a title says that its rows are not what the other word says.
NEGATIONS = set(listed("not|non|nicht|niet|no|não|nao|nie|ne|ej|inte|ikke|ei|nem|не|without|ohne"))
#: Kinds of rows that only announce a payment, whatever their status is.
AUTHORIZATIONS = set(
    listed("""
    general authorization|general authorisation|authorization|authorisation|card authorization
    pre authorization|preauthorization|account hold for open authorization|authorization hold
    reversal of general account hold|temporary hold|allgemeine Autorisierung|Autorisierung
    autorisation générale|autorisation|autorización general|autorización|autorizzazione
    autorizzazione generale|autorização geral|algemene autorisatie|reservering
""")
)
#: The transaction was never booked.
FAILED = set(
    listed("""
    failed|declined|rejected|reverted|cancelled|canceled|expired|void|voided|denied|storniert
    abgelehnt|fehlgeschlagen|abgebrochen|refusé|refusée|annulé|annulée|échoué|rechazado|cancelado
    recusado|rifiutato|annullato|geweigerd|geannuleerd|avvisad|avvist|afvist|hylätty|odrzucona
    anulowana|zamítnuto|zrušeno|zamietnutá|elutasítva|törölve|respins|odbijeno|odbijena
    reddedildi|iptal|απορρίφθηκε|отклонена|отклонено|отменена|отменено|ошибка|відхилено|скасовано
    交易关闭|支付失败|取消
""")
)

#: What banks call the kinds of transactions.
KINDS = {
    word: kind
    for kind, words in (
        (
            TransactionKind.FEE,
            "fee|fees|charge|charges|stripe fee|application fee|network cost|Gebühr|Gebühren"
            "|Entgelt|frais|comisión|avgift",
        ),
        (
            TransactionKind.INTEREST,
            "interest|Zins|Zinsen|intérêts|intereses|interessi|ränta|renter",
        ),
        (TransactionKind.DIVIDEND, "dividend|Dividende|dividende|dividendo|utdelning|utbytte"),
        (TransactionKind.ATM, "atm|Geldautomat|Geldautomatauszahlung|geldautomaat|cajero"),
        (TransactionKind.CHECK, "check|cheque|Scheck|chèque"),
        (TransactionKind.DEPOSIT, "deposit|Einzahlung"),
        (TransactionKind.POINT_OF_SALE, "pos|card payment|Kartenzahlung|betaalautomaat|kortköp"),
        (TransactionKind.DIRECT_DEBIT, "direct debit|Lastschrift|dd|prélèvement|incasso|autogiro"),
        (TransactionKind.REPEATING_PAYMENT, "standing order|Dauerauftrag|so"),
        (
            TransactionKind.TRANSFER,
            "transfer|Überweisung|Ueberweisung|virement|bank transfer|payout|topup",
        ),
    )
    for word in listed(words)
}

"""Texts of what comes in on a card, whatever sign is beside it: payments and refunds."""

from collections.abc import Iterable, Sequence

from adapters.statements.csv.words import normalize

# Each of them alone says that a payment came in.
_RECEIVED = (
    "payment received|payments and credits|payment - thank|payment thank|paymentthank"
    "|zahlung erhalten|zahlungseingang|zahlung eingegangen|ihre zahlung|paiement reçu|paiement recu"
    "|règlement reçu|reglement recu|versement reçu|pago recibido|pagamento recebido"
    "|pagamento ricevuto|betaling ontvangen|betaling mottatt|betalning mottagen"
    "|inbetalning mottagen|betaling modtaget|maksu vastaanotettu|otrzymana wpłata|wpłata własna"
    "|spłata karty|přijatá platba|beérkezett befizetés|платеж получен|оплата получена"
    "|お支払いありがとう"
).split("|")
# Words of thanks, which stand beside a word for a payment.
_THANKS = (
    "thank|danke|besten dank|vielen dank|merci|gracias|grazie|obrigad|dank u|bedankt|hartelijk dank"
    "|tack|takk| tak|kiitos|dziękuj|dziekuj|děkuj|dekuj|köszön|спасибо|hvala|mulțum|multum|teşekkür"
).split("|")
_PAYMENTS = (
    "payment|pymt|autopay|zahlung|paiement|règlement|reglement|versement|pago|pagamento|betaling"
    "|betalning|maksu|płatnoś|platnos|wpłat|spłat|platb|befizet|törleszt|оплат|платеж|uplat|plat|ödeme"
).split("|")
# Words for what a shop refunds, without accents.
_REFUNDS = (
    "refund|reversal|cashback|chargeback|credit note|credit voucher|merchandise credit"
    "|merchant credit|gutschrift|erstattung|ruckzahlung|ruckvergutung|rimborso|rimborsi|storno"
    "|rembours|avoir|reembolso|devolucion|devoluc|abono|estorno|terugbetaling|terugstorting"
    "|retour|creditering|zwrot|refusion|refundering|tilbagebetaling|tilbakebetaling|aterbetalning"
    "|kreditering|hyvitys|palautus|vraceni|vratka|visszaterit|rambursare|povrat|iade|возврат"
).split("|")
# Words for what an account is paid, and a card is not, without accents. The German word for a
# pension is not among them: in other languages, it is interest.
_INCOME = frozenset(
    "salary payroll wages dividend dividends gehalt lohn kindergeld salaire nomina sueldo"
    " stipendio salario salaris uitkering lonn palkka wynagrodzenie emerytura vyplata mzda munkaber"
    " зарплата 給与 給料".split()
)
_FIGURES = str.maketrans("", "", "0123456789")
# Alone in a cell, they may be a payment to the card, or one from an account.
_PLAIN = frozenset(
    normalize(text)
    for text in (
        "payment|payments|pymt|autopay|direct debit payment|online payment|mobile payment"
        "|electronic payment|internet payment|automatic payment|auto payment|direct debit"
        "|credit card payment|web payment|bank payment|zahlung|einzahlung|bankeinzug"
        "|lastschrifteinzug|einzug|kartenzahlung lastschrift|zahlung per lastschrift|ausgleich"
        "|kontoausgleich|paiement|règlement|prélèvement|versement|pago|pago tarjeta"
        "|pagamento|addebito diretto|versamento|pagamento de fatura|pagamento fatura|betaling"
        "|incasso|automatische incasso|betalning|inbetalning|innbetaling|indbetaling|maksu"
        "|suoritus|płatność|spłata|wpłata|platba|splátka|befizetés|törlesztés|plată|uplata|ödeme"
        "|платеж|оплата"
    ).split("|")
)


def is_refund(row: Sequence[str]) -> bool:
    """Say whether a text of the row names money that came back."""
    text = " ".join(map(normalize, row))
    return any(word in text for word in _REFUNDS)


def names_income(row: Sequence[str]) -> bool:
    """Say whether a text of the row names what an account is paid, and a card is not."""
    return any(not _INCOME.isdisjoint(normalize(cell).split()) for cell in row)


def is_plain_payment(row: Sequence[str]) -> bool:
    """Say whether a cell of the row says no more than that it is a payment."""
    return any(normalize(cell) in _PLAIN for cell in row)


def thanks_for_payment(row: Sequence[str]) -> bool:
    return _speaks(_text(row), at_once=False)


def thank_for_payment(rows: Iterable[Sequence[str]]) -> list[Sequence[str]]:
    """Return the rows whose texts thank for a payment."""
    found = list(rows)
    # Without figures, many rows are alike.
    texts = {" ".join(row).translate(_FIGURES) for row in found}
    if not _speaks(_text(texts), at_once=True):
        return []
    return [row for row in found if thanks_for_payment(row)]


def _text(cells: Iterable[str]) -> str:
    return f" {' '.join(cells)}".casefold()


def _speaks(text: str, *, at_once: bool) -> bool:
    """Say whether a text thanks for a payment; that of many rows has to be looked at by rows."""
    if any(phrase in text for phrase in _RECEIVED):
        return True
    thanks = any(word in text for word in _THANKS)
    return thanks and (at_once or any(word in text for word in _PAYMENTS))

"""What lists of purchases and cards are called."""

from adapters.statements.csv.words.comparing import listed, normalize

_CARDS = set(
    "card karte kreditkarte kartennummer kartennr carte tarjeta kaart kaartnummer carta cartao"
    " kort kortnummer kortti karta karty visa mastercard amex".split()
)
#: A list of purchases rather than of an account: its amounts may have no sign.
PURCHASES = _CARDS | set(
    "merchant order handler handlername einkauf einkaufsdatum"
    " esercente negozio commercant comercio establecimiento comerciante estabelecimento winkel"
    " winkelier handelaar forhandler butik sklep sprzedawca obchodnik obchodnika kereskedo"
    " kauppias".split()
)
#: Names of a card that is an account of its own, anywhere in a label.
CREDIT_CARDS = listed("""
    credit card|creditcard|Kreditkarte|kreditkort|card member|cardholder|Karteninhaber
    carte de crédit|tarjeta de crédito|carta di credito|cartão de crédito
""")

# What names a card is short: longer texts are about one.
_NAME_WORDS = 6


def names_card(text: str) -> bool:
    """Say whether a title, a label or the name of an account is that of a card."""
    words = normalize(text)
    named = words.split()
    if len(named) > _NAME_WORDS:
        return False
    return not _CARDS.isdisjoint(named) or any(card in words for card in CREDIT_CARDS)

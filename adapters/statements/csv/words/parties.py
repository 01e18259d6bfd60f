"""The headings of who was paid, from which account, and under which reference."""

_TRANSFER = "Transfer : "
PAYEE_NAMES = """
    payee|merchant name|merchant|partner name|counterparty name|counterparty|counter party
    payee name|other party|op name|beneficiary|beneficiary name|recipient
    Beguenstigter/Zahlungspflichtiger|Begünstigter/Zahlungspflichtiger
    Auftraggeber/Empfänger|Auftraggeber/Empfaenger|Auftraggeber/Begünstigter
    Auftraggeber/Beguenstigter|Empfänger/Auftraggeber|Begünstigter/Auftraggeber
    Sender/Empfänger|Empfänger/Sender|Zahlungsempfänger|Zahlungsempfänger*in
    Zahlungsbeteiligter|Name Zahlungsbeteiligter|Empfänger|Empfaenger|Empfaenger 1|Händler
    Händlername|Partnername|Gegenkonto Inhaber|Name des Partners
    naam tegenpartij|naam van de tegenpartij|tegenpartij|naam/omschrijving
    tegenrekeninghouder|naam tegenpartij bevat
    bénéficiaire|tiers|nom de la contrepartie|nom contrepartie|contrepartie
    nom contrepartie contient|beneficiario|nombre del comercio|comercio|establecimento
    estabelecimento|esercente|controparte|odbiorca/zleceniodawca|nadawca/odbiorca
    nadawca / odbiorca|dane kontrahenta|kontrahent|nazwa kontrahenta|odbiorca|nazwa odbiorcy
    název protiúčtu|název účtu protiúčtu|jméno protistrany|protistrana|název obchodníka
    plátce/příjemce|názov protiúčtu|názov protistrany|meno protistrany|partner neve|partner név
    partner elnevezése|ellenoldali név|partner|kedvezményezett|beneficiar|nume beneficiar
    primatelj/platitelj|platitelj/primatelj|naziv primatelja|primatelj|naziv partnerja
    prejemnik|saaja/maksaja|saajan nimi|saaja|maksaja/saaja|maksunsaaja|saaja/maksja
    saaja/maksja nimi|saņēmējs/maksātājs|saņēmēja/maksātāja nosaukums|gavėjas
    gavėjas/mokėtojas|mokėtojo arba gavėjo pavadinimas|mottagare|mottaker|modtager
    alıcı|alıcı adı|δικαιούχος|επωνυμία|контрагент|получатель|торговая точка|отримувач
    お取引先|ご利用先|利用店名・商品名|利用店名|ご利用店名|店名|交易对方|对方户名|对手户名|商户名称
    name|naam|nom|nombre|nome|navn|namn|nimi
"""
COUNTERPARTY_ACCOUNTS = """
    counterparty account|counterparty iban|counterparty account number|counter account
    counterparty account no|counterparty iban/account number|account number counterparty
    counterparty bank account|payee account|payee iban|payee account number|beneficiary account
    beneficiary iban|recipient account|recipient iban|target account|to account|other account
    partner iban|partner account|partner account number
    Kontonummer/IBAN|IBAN Zahlungsbeteiligter|IBAN/Kontonummer|Gegenkonto|Gegenkonto IBAN
    Gegenkontonummer|Konto-Nr. des Zahlungspflichtigen|IBAN des Zahlungsbeteiligten
    IBAN des Auftraggebers/Empfängers|Kontonummer/IBAN Auftraggeber/Empfänger|Empfängerkonto
    Konto des Partners|Partner-IBAN
    tegenrekening|tegenrekening iban/bban|rekening tegenpartij|rekeningnummer tegenpartij
    iban tegenpartij|naar rekening
    compte contrepartie|compte bénéficiaire|iban contrepartie|compte de la contrepartie
    cuenta destino|cuenta contraparte|iban beneficiario|conto controparte|iban controparte
    número da conta do beneficiário|rachunek kontrahenta|nr rachunku kontrahenta
    numer rachunku kontrahenta|numer konta kontrahenta|rachunek przeciwstawny
    protiúčet|číslo protiúčtu|protiúčet a kód banky|číslo protiúčtu a kód banky|IBAN protiúčtu
    ellenszámla|ellenoldali számlaszám|partner számlaszáma|kedvezményezett számlaszáma
    račun primatelja|račun partnerja|saaja konto|saaja/maksja konto|saajan tilinumero
    saaja/maksaja iban|saņēmēja konts|gavėjo sąskaita|mottagarkonto|mottakers konto
    til konto|modtagers konto|счет контрагента|счёт контрагента|рахунок контрагента
    对方账号|对方帐号|相手口座
"""
#: End-to-end ids, numbers of cheques, and other references of a payment.
REFERENCES = """
    end-to-end reference|end-to-end id|end to end id|end to end reference|endtoend id|e2e id
    e2e reference|Kundenreferenz (End-to-End)|Kundenreferenz|End-to-End-Referenz|Ende-zu-Ende
    Ende-zu-Ende-Referenz|check number|cheque number|check no|cheque no|check #|check|cheque
    check or slip|check or slip #|chequenumber|chq no|chq ref number|chq/ref no
    cheque no/ref no
    reference|reference number|reference no|ref|ref no|ref number|customer reference
    your reference
    Referenz|Referenznummer|Zahlungsreferenz|Schecknummer
    betalingskenmerk|kenmerk|référence|référence client|numéro de chèque|n° de chèque
    referencia|número de cheque|riferimento|numero assegno|referência|numer referencyjny
    variabilní symbol|variabilný symbol|vs|viite|viitenumero|viitenumber|referens|ocr|kid
    referanse|reference til modtager|номер документа
"""


def transfer_account(payee: str) -> str:
    """Return the own account that stands in the place of a payee, as YNAB writes it."""
    return payee.removeprefix(_TRANSFER) if payee.startswith(_TRANSFER) else ""

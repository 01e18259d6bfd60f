"""The headings that banks write above their columns, in their languages."""

import re

from adapters.statements.csv.words.comparing import MAX_HEADER, listed, normalize
from adapters.statements.csv.words.currencies import IN_HEADINGS
from adapters.statements.csv.words.parties import (
    COUNTERPARTY_ACCOUNTS,
    PAYEE_NAMES,
    REFERENCES,
)
from domain.ledger.hints import CsvColumn
from domain.shared.money import is_listed

# In order of preference: what is the account's own, and booked, comes first.
_HEADERS = {
    CsvColumn.BOOKING_DATE: """
        booking date|posting date|posted date|post date|date posted|posted transactions date
        booked|booked at|booked on|posted|booking|clearing date|date entered|run date|process date
        processed date|date processed|processing date|activity date|book date
        Buchungstag|Buchungsdatum|Buchung|Datum Buchung
        date de comptabilisation|date comptable|date d'opération|date opération|date op
        date de l'opération|date d'écriture|date d'exécution
        fecha de operación|fecha operación|f. operación|fecha contable|f. contable
        fecha de contabilización|fecha de proceso|fecha movimiento
        boekdatum|boekingsdatum|datum boeking|uitvoeringsdatum
        data contabile|data operazione|data movimento|data registrazione|data contabilizzazione
        data lançamento|data do lançamento|data lanc.|data mov|data do movimento|data movimento
        data operação|data da operação|data contábil
        data księgowania|data zaksięgowania|data rozliczenia
        bokföringsdag|bokföringsdatum|bokförd|bokf. datum|bokf datum|reskontradatum
        bokføringsdato|bokføringsdag|bokført dato|bokført|bogføringsdato|bogføringsdag|bogført dato
        bogført|kirjauspäivä|kirjauspvm|kirjauspäivämäärä
        datum zaúčtování|zaúčtováno|datum odepsání|dátum zaúčtovania|dátum účtovania
        datum uskutečnění transakce|könyvelés dátuma|könyvelés napja|könyvelési dátum|könyvelve
        data înregistrării|data inregistrare|data finalizării tranzacției (procesare)
        data finalizării|data procesării|datum knjiženja|datum knjiženja transakcije
        дата платежа|дата проводки|дата обработки|дата проведення|дата обробки
        iegrāmatošanas datums|ημερομηνία καταχώρησης|ημ/νία καταχώρησης
        completed date|date completed|completion date|Datum des Abschlusses|Abschlussdatum
        date de fin|fecha de finalización|data di completamento|data de conclusão|datum voltooid
        finished on
        data zrealizowania|slutfört datum|datum dokončení|befejezés dátuma|dátum dokončenia
        fullført dato|fuldført dato|sluttdato|ολοκληρώθηκε
        date|datum|fecha|data|dato|dags|dagsetning|päivämäärä|pvm|päivä|dátum|kuupäev|datums|tarih
        ημερομηνία|ημ/νία|дата|日付|日期|日時|날짜|거래일|거래일자|거래일시|תאריך
        記帳日|记账日期|记账日|入账日期|入账日|取引日|お取引日|お取り引き日|お取扱日|年月日|計算日
        取扱日|勘定日|交易日期|交易日|交易时间|交易創建時間|交易创建时间|发生时间|入账时间
        transaction date|date of transaction|trans date|trans. date|tran date|txn date|trade date
        date time|datetime|date and time|time created
        transactiedatum|transaktionsdatum|transaktionsdag|transaktionsdato
        tapahtumapäivä|maksupäivä|Umsatztag|Transaktionsdatum
        Zahlungsdatum|Ausführungsdatum|Datum der Zahlung
        date de transaction|date transaction|fecha de transacción|fecha transacción
        data da transação|data transazione
        data transakcji|data operacji|data płatności|datum transakce|datum provedení
        datum uskutečnění|datum operace|datum pohybu|datum splatnosti|splatnost
        dátum transakcie|dátum pohybu|dátum splatnosti|dátum zrealizovania|dátum a čas
        tranzakció dátuma|tranzakció dátuma és ideje|tranzakció ideje|tranzakció időpontja
        data tranzacției|data tranzactie|data operațiunii|datum transakcije|datum izvršenja
        datum plaćanja|datum promjene|datum prometa|datum transakcije i vrijeme
        işlem tarihi|tarih/saat|hareket tarihi|ημερομηνία συναλλαγής|ημ/νία συναλλαγής
        дата операции|дата транзакции|дата совершения операции|дата и время операции
        дата операції|дата i час операції|дата і час операції|дата транзакції
        利用日|ご利用日|ご利用年月日|利用年月日|利用日/キャンセル日
        journal date|created|created date|created at|created on|created utc|date utc|started date
        timestamp|fecha creación|Datum des Beginns|fecha de inicio|date de début|data di inizio
        data de início|startdatum|data rozpoczęcia|release date|settled date
    """,
    CsvColumn.VALUE_DATE: """
        value date|value dat|date value|valuta date|settlement date|settle date|interest date
        Valuta|Valutadatum|Valuta-Datum|Valutatag|Valutatermin|Wertstellung|Wertstellungstag
        Wertstellungsdatum|Wertstellung (Valuta)|Wert|Datum Valuta
        date de valeur|date valeur|date val|valeur
        fecha valor|fecha de valor|fecha valuta|f. valor|f valor
        rentedatum|data valuta|data valore|data valor|data-valor|data da valorização
        data waluty|data waluta|räntedag|rentedato|valutadag|valutadato|valørdato|valørdag|arvopäivä
        datum valuty|datum valuta|valuta datum|dátum valuty|értéknap|értéknap dátuma|data valutei
        datum valute|väärtuspäev|valör|valör tarihi|дата валютирования|ημερομηνία αξίας
        ημερομηνία valeur|起算日
    """,
    CsvColumn.AMOUNT: """
        amount in account currency|billing amount|amount (total)|total (AUD)
        сумма платежа|сумма в валюте счета|сумма в валюте счёта|сумма пересчитанная в валюту счета
        сума в валюті картки|сума в валюті рахунку|kwota w walucie rachunku|suma sąskaitos valiuta
        kwota transakcji (waluta rachunku)|zaúčtovaná částka|částka v měně účtu|suma v mene účtu
        card currency amount|amount in card currency|betrag in kontowährung
        amount|net amount|transaction amount|amount num|value|Betrag|Buchungsbetrag
        Transaktionsbetrag|Umsatz|Rechnungsbetrag
        montant|montant de l'opération|montant euros|credit debit amount|debit credit amount
        montant opération|importe|importe euros|monto|importe de la operación|importo|importo euro
        bedrag|transactiebedrag|bedrag af/bij|valor|valore|montante|valor do lançamento|quantia
        kwota|kwota operacji|kwota transakcji|kwota płatności|belopp|beløp|beløb|belop|upphæð
        summa|määrä|määrä euroa|částka|objem|částka transakce|čiastka|suma|objem transakcie
        suma transakcie|suma pohybu|összeg|tranzakció összege|könyvelt összeg
        sumă|suma tranzacției|valoare|iznos|iznos transakcije|znesek|znesek transakcije|summa eur
        tutar|işlem tutarı|miktar|ποσό|ποσό συναλλαγής|сумма|сумма операции|сумма транзакции
        сума|сума операції|сума транзакції|金額|金额|交易金额|交易金額|利用金額|ご利用金額|支払総額
        入出金|お支払い金額|발생금액|거래금액|금액|סכום|סכום חיוב|סכום העסקה
        net|netto|nettobetrag|net total|gross|brutto|gross amount|total|total amount
        transaction net amount|cad|usd
    """,
    CsvColumn.DEBIT: """
        debit|debits|debit amount|amount debit|amount (debit)|withdrawal|withdrawals
        withdrawal amount|withdrawal amt|withdrawal amount inr|paid out|money out|funds out|outflow
        outgoing|out|dr|dr amount|debit dr|payments out|spent|expense|expenses|expenditure
        Soll|Belastung|Belastungen|Belastungsbetrag|Lastschrift|Lastschriften|Ausgang|Ausgänge
        Ausgaben|Ausgabe|Abgang|Auszahlung|Auszahlungen
        débit euros|débit eur|montant débit|débits|retrait|retraits|dépenses|dépense|sorties|sortie
        débito|débitos|débito euros|cargo|cargos|debe|adeudo|adeudos|retiro|retiros|egreso|egresos
        gasto|gastos|salida|salidas|importe cargo|monto cargo|cargo clp|cargos clp
        saída|saídas|debiti|debito|addebito|addebiti|addebiti euro|uscite|uscita|dare
        debet|uitgaven|uit|af|uttag|utgift|utgifter|ut|ut fra konto|ut av konto|uttak fra konto
        uttak|ud|ud af konto|hævet|hævning|udgift|udgifter|otto|otot|menot|veloitus
        obciążenia|obciążenie|wydatki|wydatek|wypłaty|wypłata|winien|má dáti|výdaj|výdaje|odepsáno
        výdavky|výdavok|na ťarchu|terhelés|terhelések|kiadás|kifizetés|suma debit|debit (suma)
        ieșiri|plăți|isplata|isplate|duguje|dugovanje|rashod|rashodi|zaduženje|breme|v breme
        odliv|odlivi|izplačilo|izplačila|deebet|väljaminek|debets|izmaksas|debetas|išlaidos
        borç|gider|çıkan|çıkış|giden|χρέωση|χρεώσεις|расход|расходы|списание|списано|дебет
        сумма списания|витрати|видаток|видатки|списання|дебит
        出金|出金額|出金金額|お引出し|お引き出し|お引出金額|お引き出し額|お引出し金額|お支払金額
        支払い金額|支払金額|払出金額|引出金額|支出|支出金额|借方|借方发生额|借方金额|출금|출금액
        찾으신금액|חובה|בחובה
    """,
    CsvColumn.CREDIT: """
        credit|credits|credit amount|amount credit|amount (credit)|deposit|deposits|deposit amount
        deposit amt|deposit amount inr|paid in|money in|funds in|inflow|incoming|in|cr|cr amount
        credit cr|payments in|received|income
        Haben|Gutschrift|Gutschriften|Gutschriftsbetrag|Eingang|Eingänge|Einnahmen|Einnahme|Zugang
        Einzahlung|Einzahlungen
        crédit euros|crédit eur|montant crédit|crédits|dépôt|dépôts|recettes|recette|entrées|entrée
        crédito|créditos|crédito euros|abono|abonos|haber|ingreso|ingresos|depósito|depósitos
        importe abono|monto abono|abono clp|abonos clp|entrada|entradas|receita|receitas
        crediti|credito|accredito|accrediti|accrediti euro|entrate|entrata|avere
        inkomsten|bij|insättning|insättningar|inkomst|inkomster|inn|inn på konto|innskudd på konto
        innskudd|ind|ind på konto|indsat|indsætning|indtægt|indtægter|pano|panot|tulot|hyvitys
        uznania|uznanie|wpływy|wpływ|wpłaty|wpłata|ma|dal|příjem|příjmy|připsáno|príjmy|príjem
        v prospech|jóváírás|jóváírások|bevétel|befizetés|suma credit|credit (suma)|intrări|încasări
        uplata|uplate|potražuje|potraživanje|prihod|prihodi|odobrenje|dobro|v dobro|priliv|prilivi
        vplačilo|polog|kreedit|kredit|sissetulek|kredīts|ienākumi|kreditas|įplaukos|pajamos
        alacak|gelir|giren|giriş|gelen|πίστωση|πιστώσεις|приход|доход|доходы|зачисление|кредит
        поступление|сумма зачисления|надходження|дохід|зарахування
        入金|入金額|入金金額|お預入れ|お預け入れ|お預り金額|お預かり金額|預かり金額|お預入金額
        お預け入れ額|お預入れ金額|受入金額|預入金額|收入|收入金额|贷方|贷方发生额|贷方金额|입금|입금액
        맡기신금액|זכות|בזכות
    """,
    CsvColumn.DIRECTION: """
        debit credit|credit debit|credit debit indicator|debit credit indicator|debit credit flag
        debit or credit|credit or debit|dr cr|cr dr|dr or cr|drcr|d c|c d|dc|d k|k d|dk|s h|h s|sh
        in out|money in out|inflow outflow|withdrawal deposit|deposit withdrawal|income expense
        income expenses|expense income
        Soll/Haben|Soll-Haben-Kennung|Soll Haben Kennzeichen|Lastschrift/Gutschrift|Eingang/Ausgang
        Belastung/Gutschrift|Vorzeichen|Kennzeichen|S/H-Kz|Haben/Soll
        af bij|bij af|bij/af|credit debet|debet credit|sens|sens de l'opération|débit/crédit
        crédit/débit|debe/haber|cargo/abono|abono/cargo|débito/crédito|crédito/débito|deb cred
        deb/cre|natureza|naturaleza|entrada/saída|ingreso/egreso|dare/avere|avere/dare|segno|signo
        sign|obciążenie/uznanie|uznanie/obciążenie|wn/ma|směr úhrady|směr|smer|má dáti/dal
        kredit/debet|debet/kredit|terhelés/jóváírás|jóváírás/terhelés|terhelés vagy jóváírás (t/j)
        jóváírás vagy terhelés (j/t)|bejövő/kimenő|duguje/potražuje|isplata/uplata|uplata/isplata
        breme/dobro|deebet/kreedit|deebet/kreedit (d/c)|debets/kredīts|debetas/kreditas|d/k
        borç/alacak|borç alacak|b/a|χρέωση / πίστωση|χρέωση/πίστωση|πρόσημο|πρόσημο ποσού
        дебет/кредит|приход/расход|расход/приход|дт/кт|收/支|收支|收支类型|借/贷|借贷|借贷标志
        借貸|入払区分|入出金区分|입출금구분
        direction|indicator|transaction type|type|details|typ|tipo|tipologia|art|тип|transaction
        type of transaction|tran type|activity type
    """,
    CsvColumn.CURRENCY: """
        account currency|posted currency|card currency|billing currency
        валюта платежа|валюта счета|валюта счёта|валюта картки|валюта рахунку
        waluta rachunku|měna účtu|mena účtu|sąskaitos valiuta
        currency|currency code|ccy|transaction currency|curr|Währung|Waehrung|Whg|Kontowährung
        Buchungswährung|devise|monnaie|monn|devise du compte|moneda|divisa|valuta|valutacode|munt
        muntsoort|valutasoort|valuta rekening|devies|moeda|waluta|waluta operacji|valuutta|mynt
        gjaldmiðill|měna|mena|pénznem|deviza|devizanem|összeg devizaneme|monedă|valută|valuuta
        valūta|valiuta|döviz|döviz cinsi|para birimi|νόμισμα|валюта|валюта операции|валюта операції
        валюта транзакции|通貨|币种|货币|幣別|交易币种|통화|מטבע|commodity currency
    """,
    CsvColumn.DESCRIPTION: f"""
        {PAYEE_NAMES}
        description 1|description|desc|description1|Beschreibung|Bezeichnung|Buchungsdetails
        libellé|libellé opération|libelle simplifie|label|libellés|concepto|descripción|detalle
        descripción operación|descripción movimiento|glosa|movimiento|descrizione|causale
        descrizione operazione|descrizione operazioni|operazione|omschrijving|beschrijving
        descrição|descrição do movimento|histórico|título|descritivo|opis|opis operacji
        opis transakcji|szczegóły transakcji|tytuł|tytułem|text|tekst|beskrivelse|beskrivning
        rubrik|otsikko|forklaring|forklaringstekst|beløpet gjelder|tittel|specifikation|texti|lýsing
        skýring|selite|selitys|kuvaus|popis|popis transakce|popis transakcie|leírás|közlemény
        descriere|detalii tranzacție|detalii|opis plaćanja|opis transakcije|namen|namen plačila
        selgitus|informācija saņēmējam|paaiškinimai|mokėjimo paskirtis|açıklama|işlem açıklaması
        işlem|περιγραφή|αιτιολογία|описание|описание операции|назначение платежа|основание
        деталі операції|опис операції|призначення платежу|опис|摘要|摘要内容|内容|お取り扱い内容
        お取扱内容|入出金先内容|商品说明|商品|商品名称|交易摘要|交易说明|적요|내용|거래내용|תיאור
        תיאור הפעולה|שם בית עסק|שם בית העסק
        narrative|narration|particulars|transaction description|transaction details
        transaction remarks|details|items|subject|action|Avisierungstext|Buchungstext|Mitteilung
        Beschreibung1|description of transaction
    """,
    CsvColumn.MEMO: """
        memo|Verwendungszweck|VWZ1|Zweck|Zahlungszweck|Beschreibung2|reason|payment reference
        reference|notes|note|message|remittance information|additional description|description 2
        description2|sub-description|memo/description|comment|comments|remarks
        mededelingen|mededeling|vrije mededeling|omschrijving-1|omschrijving
        original description|extended details|original statement|transaction details|details
        libellé complémentaire|libelle operation|informations complementaires|motif|communication
        communications|détail de l'écriture|détails|détails du mouvement|libellé
        observaciones|más datos|observations|comentario|concepto|referencia|note descrittive
        descrizione estesa|descrizione completa|dettagli|descrizione|descrição|tytuł|opis|opis
        zpráva pro příjemce|zpráva|poznámka|správa pre prijímateľa|informácia pre príjemcu
        popis pro příjemce|közlemény|megjegyzés|viesti|viite|meddelande|melding|meddelelse|besked
        selgitus|назначение|комментарий|примечание|备注|メモ|支付方式|備考|메모
        info|subcategory
    """,
    CsvColumn.COUNTERPARTY_ACCOUNT: COUNTERPARTY_ACCOUNTS,
    CsvColumn.REFERENCE: REFERENCES,
    CsvColumn.CATEGORY: """
        category|categories|category name|Kategorie|catégorie|categoría|categoria|categorie|kategori
        kategoria|kategória|kategorija|категория|категорія|カテゴリ|分类|分類
    """,
    CsvColumn.CATEGORY_GROUP: "category group|parent category|master category",
    CsvColumn.TAGS: "tags|labels",
    CsvColumn.PROVIDER_ID: """
        transaction id|transactionid|fitid|unique id|id|order id|transaction number|transaction ref
        TransferWise ID|Transaktions-ID|Transaktionsnummer|Transaktions-Nr|Transaktionscode
        no de transaction|numéro de transaction|id transacción|transactie id|transactiereferentie
        volgnr|volgnummer|Buchungsreferenz|id transazione|id transakce|id operace
        identifikace transakce|id transakcie|tranzakció azonosító|identificador|nr transakcji
        arkistointitunnus|arhiveerimistunnus|arhīva kods|įrašo nr|交易单号|交易订单号|交易号|取引id
        transaktionsid|identificativo|numéro de mouvement
    """,
    CsvColumn.BALANCE: """
        balance|running balance|running bal|account balance|account running balance|balance after
        closing balance|ledger balance|available balance|daily posted balance|current balance|bal
        running bal.|Saldo|Saldo nach Buchung|Kontostand|Guthaben|Kontosaldo
        solde|solde après opération|saldo contable|saldo contabile|saldo final|disponible
        saldo disponible|saldo na mutatie|saldo na trn|saldo na boeking|saldo contabilístico
        saldo controlo|saldo disponível|saldo do dia|saldo po operacji|saldo po transakcji
        saldo rachunku|bokfört saldo|balanse|staða|zůstatek|účetní zůstatek po transakci
        zůstatek po transakci|zostatok|zostatok po transakcii|egyenleg|záró egyenleg
        könyvelt egyenleg|sold|sold contabil|sold final|stanje|novo stanje|jääk|atlikums|likutis
        bakiye|kalan bakiye|υπόλοιπο|λογιστικό υπόλοιπο|остаток|баланс|остаток после операции
        остаток на счете|залишок|залишок після операції|залишок на кінець періоду|салдо
        残高|差引残高|差し引き残高|取引後残高|余额|账户余额|交易后余额|餘額|잔액|거래후잔액|יתרה
        היתרה|היתרה בש"ח|יתרה בש"ח|outstanding balance
    """,
    CsvColumn.ACCOUNT: """
        Auftragskonto|IBAN Auftragskonto|IBAN Kontoinhaber|own account|account name|account
        rekening|posted account|bank account|this party account|kliendi konto|klienta konts
        sąskaitos nr|číslo účtu|číslo konta|numer rachunku/karty|könyvelési számla
        account number|account no|Kontonummer|Konto|IBAN|IBAN/BBAN|rekeningnummer|compte
        numéro de compte|account num|cuenta|número de cuenta|conto|numero conto|produit|produkt
        product|account id|numer konta|nr rachunku|numer rachunku|номер счета|номер счёта|hesap no
        rachunek|účet|számlaszám|conta|número da conta|račun|broj računa|account nickname
        prodotto|producto|produto|termék|produs|konto nr|source account|source account name
        account label
    """,
    CsvColumn.KIND: """
        transaction type|type|Buchungstext|Buchungsart|Umsatzart|Umsatztyp|Vorgang|posting text
        mutatiesoort|tipo|type opération|type d'opération|kind|typ|class|Art|transaktionstyp
        type verrichting|type de transaction|rodzaj transakcji|typ transakcji|typ operacji
        typ transakce|tranzakció típusa|típus|tapahtumalaji|laji|交易类型|tipologia|action
        rodzaj|tip|tran type
    """,
    CsvColumn.STATUS: """
        status|state|transaction status|booking status|payment status|Buchungsstatus|Umsatzstatus
        Transaktionsstatus|statut|état|estado|situação|stato|stan|stav|tila|durum|статус|cleared
        contabilizzazione|交易状态|当前状态|资金状态|stare|állapot|staatus|χαρακτηρισμός|info
        pending|is pending|vorgemerkt
    """,
}
#: The headers of each column, in order of preference.
HEADERS = {column: listed(words) for column, words in _HEADERS.items()}

# Columns that state a number or a day that is none of these.
_OTHERS = listed("""
    fee|fees|fees comm|fee amount|commission|commissions|exchange rate|rate|quantity|shares|price
    share price|tax|vat|original amount|foreign amount|amount (foreign currency)|original currency
    local amount|local currency|foreign currency|purchase currency|spend currency
    Fremdwährung|devise d'origine|moneda extranjera|moneda original|valuta estera
    instructed amount|foreign currency amount|conversion charge
    accrued interest|check number|cheque number|check or slip|serial|Gebühr
    Gebühren|Entgelt|Fremde Gebühren|Wechselkurs|Ursprungsbetrag|Originalbetrag|frais|commission
    taux de change|comisión|comisiones|comissão|commissioni|costo|kosten|avgift|gebyr|opłata
    poplatek|poplatky|díj|jutalék|комиссия|кэшбэк|курс|сума комісій|手数料|支払手数料|服务费
    původní částka|původní měna|kurz|kurs|oorspr bedrag|koers|utländskt belopp|cashback
    wisselkoers|antal|courtage|anzahl|stück
""")
#: Headings of a description that is the name of the other party.
PAYEES = set(listed(PAYEE_NAMES))
KNOWN = {word for words in HEADERS.values() for word in words} | set(_OTHERS)

#: Tags below these are words, without commas between them.
LABELS = {"labels"}
#: These name the counterparty's account as often as the user's own; the own account stands before
#: the date.
OWN_BEFORE_THE_DATE = set(
    listed("""
    account number|account no|Kontonummer|Konto|IBAN|compte|cuenta|conto|produit|produkt|product
    account id|numéro de compte|número de cuenta|numero conto|numer konta|rachunek|nr rachunku
    numer rachunku|номер счета|номер счёта|hesap no|účet|számlaszám|conta|número da conta|račun
    broj računa|prodotto|producto|produto|termék|produs|account num|konto nr
""")
)
#: These name the kind of a transaction as often as its direction.
TYPES = set(
    listed("""
    transaction type|type|details|typ|tipo|tipologia|art|тип|transaction|type of transaction
    tran type|activity type
""")
)
#: Labels of the account and of the currency, in lines above the table.
ACCOUNT_LABELS = {
    word for word in HEADERS[CsvColumn.ACCOUNT] if not word.startswith(("prod", "term"))
} | set(
    listed("""
    Girokonto|Kreditkarte|IBAN Nummer|account iban|número de conta|accountnumber|číslo účtu (iban)
    numéro du compte|n° de compte|numer rachunku (iban)|счет|счёт|рахунок|口座番号|账号|账户
    numéro compte|conto corrente
""")
)
CURRENCY_LABELS = set(HEADERS[CsvColumn.CURRENCY])

#: Columns of the time of day, beside that of the date.
TIMES = set(
    listed("""
    time|booking time|transaction time|time of transaction|Uhrzeit|Zeit|Buchungszeit
    Abschlusszeit|heure|hora|ora|orario|tijd|tijdstip|tid|tidspunkt|klokkeslett|klokkeslæt
    kellonaika|godzina|čas|idopont|időpont|saat|ώρα|время|час|時刻|交易时刻
""")
)

#: Days of a purchase by card, which is booked on another day.
PURCHASE_DATES = set(
    listed("""
    Belegdatum|Kaufdatum|Einkaufsdatum|purchase date|date of purchase|receipt date|date d'achat
    fecha de compra|fecha compra|data acquisto|data da compra|data compra|aankoopdatum
    Datum Kauf|inköpsdatum|köpdatum|købsdato|kjøpsdato|ostopäivä|data zakupu|datum nákupu
""")
)

#: Wise says “Total fees” of fees that its amounts include: that is none.
FEES = set(
    "fee|fees|fee amount|transaction fee|transaction fees|bank fee|bank fees|commission|commissions"
    "|gebuhr|gebuhren|gebuehr|gebuehren|entgelt|entgelte|spesen|frais|kosten|comision|comisiones"
    "|commissione|commissioni|provision|provisie|prowizja|oplata|avgift|avgifter|gebyr|gebyrer|kulu"
    "|source fee amount"
    "|palvelumaksu|poplatek|poplatky|jutalek|dij|comissao|tarifa|tarifas|taxa|taxas|masraf|комиссия"
    "|手数料".split("|")
)

_NAMES = "|".join(sorted(map(re.escape, [*IN_HEADINGS, "$", "¥"]), key=len, reverse=True))
_HEADER_CURRENCY = re.compile(
    rf"(?:^|\b(?:in|w|en|em)\s+|[(\[]\s*(?:in\s+)?|\s)([A-Z]{{3}}|{_NAMES})\.?(?:\s*+[)\]])?\s*+$"
)
_WIDE = str.maketrans("（）", "()")


def normalize_header(name: str) -> str:
    """Return the words of a header to compare them, without a currency at their end."""
    words = normalize(name)
    if words in KNOWN:
        return words
    return normalize(_HEADER_CURRENCY.sub("", _end(name)))


def header_currency(name: str) -> str:
    """Return the currency that a header names, as in “Amount (EUR)”."""
    match = _HEADER_CURRENCY.search(_end(name))
    found = IN_HEADINGS.get(match[1], match[1]) if match and normalize_header(name) in KNOWN else ""
    return found if is_listed(found) else ""


def _end(name: str) -> str:
    return name[:MAX_HEADER].translate(_WIDE).strip()

"""The words by which rows say that they are debits or credits."""

from adapters.statements.csv.words.comparing import listed

# A letter alone says the same in most languages: D is debit and C is credit. Where a heading names
# both words in full, as “Cargo/Abono” does, its initials decide instead: see `directions`.
DEBITS = set(
    listed("""
    debit|dr|d|db|dt|dbit|deb|debit amount|out|outgoing|outflow|payment out|money out|withdrawal|w
    paid|sent|expense|expenditure|spending|od|overdrawn
    Soll|S|Lastschrift|Belastung|Ausgang|Ausgabe|Abgang|Auszahlung|Debet|af|uit|uitgaand
    débit|sortie|retrait|dépense|débito|cargo|adeudo|debe|egreso|gasto|saída|salida|saida
    addebito|dare|uscita|uttag|utgift|ut|ud|hævet|otto|veloitus|obciążenie|wydatek|wypłata|wn
    odchozí|odchozí úhrada|výdaj|debetní|na ťarchu|terhelés|t|kimenő|kiadás|ieșire|plată
    isplata|duguje|rashod|zaduženje|breme|v breme|deebet|debets|debetas|borç|gider|χρέωση|χ
    дебет|дт|расход|списание|видаток|витрата|списання|дебит|支出|出金|支払|借|借方|출금|지급|חובה
""")
) | {"-", "−"}
CREDITS = set(
    listed("""
    credit|cr|c|ct|kt|crdt|cred|cre|credit amount|in|incoming|inflow|payment in|money in|deposit
    received|income
    Haben|H|Gutschrift|Eingang|Einnahme|Zugang|Einzahlung|Kredit|k|bij|inkomend
    crédit|entrée|dépôt|recette|crédito|abono|haber|ingreso|entrada|receita
    accredito|avere|entrata|insättning|inkomst|inn|ind|indsat|pano|hyvitys|uznanie|wpływ|wpłata
    příchozí|příchozí úhrada|příjem|kreditní|v prospech|jóváírás|j|bejövő|bevétel|intrare|încasare
    uplata|potražuje|prihod|odobrenje|dobro|v dobro|kreedit|kredīts|kreditas|alacak|gelir|πίστωση
    π|кредит|кт|приход|поступление|зачисление|надходження|зарахування|收入|入金|預入|贷|貸|贷方
    입금|זכות
""")
) | {"+"}

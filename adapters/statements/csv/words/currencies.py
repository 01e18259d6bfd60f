"""How currencies are written."""

#: Symbols of exactly one currency; a dollar may be one of many.
SYMBOLS = {
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₽": "RUB",
    "₩": "KRW",
    "₺": "TRY",
    "₴": "UAH",
    "R$": "BRL",
    "zł": "PLN",
    "Kč": "CZK",
    "₪": "ILS",
    "฿": "THB",
    "₫": "VND",
    "₱": "PHP",
    "₦": "NGN",
    "A$": "AUD",
    "US$": "USD",
    "CA$": "CAD",
    "NZ$": "NZD",
    "HK$": "HKD",
}
#: In a heading, these are currencies as well.
IN_HEADINGS = SYMBOLS | {
    **dict.fromkeys(["EUROS", "EURO", "EUROA", "euros", "euro", "Euros", "Euro"], "EUR"),
    "CAD$": "CAD",
    "USD$": "USD",
    "元": "CNY",
    "円": "JPY",
    "원": "KRW",
    "Ft": "HUF",
    "lei": "RON",
    "TL": "TRY",
    "грн": "UAH",
    "руб": "RUB",
    "zl": "PLN",
    "Kc": "CZK",
}
#: Symbols of several currencies, and which these are.
SHARED_SYMBOLS = {
    "$": (
        *("USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN", "BRL", "ARS", "CLP", "COP"),
        *("UYU", "DOP", "JMD", "TTD", "BBD", "BSD", "BZD", "BMD", "XCD", "KYD", "FJD", "NAD"),
        *("LRD", "GYD", "SRD", "BND", "SBD", "NIO", "BOB", "CUP", "ZWL", "ZWG"),
        *("WST", "TOP", "CVE"),
    ),
    "¥": ("JPY", "CNY"),
    **dict.fromkeys(["kr", "kr.", "Kr", "Kr."], ("SEK", "NOK", "DKK", "ISK", "EEK")),
    **dict.fromkeys(["Fr", "Fr."], ("CHF", "FRF", "BEF", "LUF", "XOF", "XAF", "XPF", "CDF")),
    **dict.fromkeys(["Rs", "Rs.", "₨"], ("INR", "PKR", "LKR", "NPR", "MUR", "SCR", "IDR")),
}
#: Names of currencies that banks write instead of their codes, each of one currency alone.
CURRENCY_NAMES = {
    **dict.fromkeys(["euro", "euros", "eur"], "EUR"),
    **dict.fromkeys(["us dollar", "us dollars", "u s dollar", "dollar us"], "USD"),
    **dict.fromkeys(["pound sterling", "pounds sterling", "sterling", "british pound"], "GBP"),
    **dict.fromkeys(["swiss franc", "schweizer franken", "franc suisse", "sfr"], "CHF"),
    **dict.fromkeys(["kc", "koruna ceska", "ceska koruna"], "CZK"),
    **dict.fromkeys(["zl", "zloty", "zlote", "zlotych"], "PLN"),
    **dict.fromkeys(["ft", "forint"], "HUF"),
    **dict.fromkeys(["руб", "р", "рубль", "рубли", "rub", "rur"], "RUB"),
    **dict.fromkeys(["грн", "гривня"], "UAH"),
    **dict.fromkeys(["лв", "лева"], "BGN"),
    **dict.fromkeys(["円", "yen", "japanese yen"], "JPY"),
    **dict.fromkeys(["元", "人民币"], "CNY"),
}

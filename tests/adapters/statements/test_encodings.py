"""Which encoding a text is in: decided by what reads as words, or asked."""

import pytest

from adapters.statements.csv.reader import CsvReader
from adapters.statements.encodings import ENCODINGS
from adapters.statements.text import decode
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import ReadingHints
from domain.ledger.questions import Asked, Question
from domain.shared.result import Failure, Success
from tests.adapters.statements.csv.reading import EUROS, read, rows_of

POLISH = """Data operacji;Data księgowania;Opis operacji;Tytuł;Kwota;Saldo po operacji
2026-03-13;2026-03-13;ZAKUP PRZY UŻYCIU KARTY;Żabka Łódź;-12,50;100,00
2026-03-14;2026-03-14;Przelew przychodzący;Wynagrodzenie;5000,00;5100,00
"""
RUSSIAN = """Дата операции;Описание;Сумма;Валюта
13.03.2026;Магазин Ромашка;-350,00;RUB
14.03.2026;Зарплата за март;50000,00;RUB
"""
#: A text of each language, and the encodings in which programs of its country write it.
TEXTS = {
    "Polish": (POLISH, ["cp1250", "iso8859-2", "cp852"]),
    "Polish below English": (
        "Date;Payee;Amount\n2026-03-13;Sklep spożywczy Małgośka;-12,50\n2026-03-14;Wypłata;50\n",
        ["cp1250", "iso8859-2", "cp852"],
    ),
    "Czech": (
        "Datum zaúčtování;Částka;Měna;Zpráva\n13.03.2026;-250,00;CZK;Nákup kartou, žižkov\n",
        ["cp1250", "iso8859-2", "cp852"],
    ),
    "Czech below English": (
        "Date;Payee;Amount\n13.03.2026;Řeznictví u Nováků;-250,00\n14.03.2026;Převod na účet;-1\n",
        ["cp1250", "iso8859-2", "cp852"],
    ),
    "Slovak": (
        "Dátum zaúčtovania;Suma;Mena;Názov protiúčtu\n13.03.2026;-2,50;EUR;Lekáreň u Kráľa, žiak\n",
        ["cp1250", "iso8859-2"],
    ),
    "Hungarian": (
        "Könyvelés dátuma;Összeg;Közlemény\n2026.03.13;-1250;Időgép Söröző\n2026.03.14;1;Gyűjtő\n",
        ["cp1250", "iso8859-2"],
    ),
    "Hungarian below English": (
        "Date;Payee;Amount\n2026.03.13;Élelmiszer bőség;-1250\n",
        ["cp1250", "iso8859-2"],
    ),
    "Romanian": (
        "Data;Descriere;Sumă\n13.03.2026;Plată la magazin în Bucureşti;-3,20\n",
        ["cp1250", "iso8859-2"],
    ),
    "Croatian": (
        "Datum;Opis plaćanja;Isplata;Uplata\n13.03.2026;Kupnja u dućanu Čakovec;3,20;\n",
        ["cp1250", "iso8859-2", "cp852"],
    ),
    "Slovenian": (
        "Datum knjiženja;Namen;Znesek\n13.03.2026;Plačilo računa;-3,20\n",
        ["cp1250", "iso8859-2"],
    ),
    "German": (
        "Buchungstag;Empfänger;Betrag\n13.03.2026;Bäckerei Müller, Brötchen Straße;-3,20\n",
        ["cp1252", "iso8859-15", "cp850", "mac-roman"],
    ),
    "German below English": (
        "Date;Payee;Amount\n2026-03-13;Bäcker;-3,20\n",
        ["cp1252", "cp850"],
    ),
    "French": (
        "Date;Libellé;Débit\n13/03/2026;Café de la Gare à Orléans;3\n14/03/2026;Chèque forêt;9\n",
        ["cp1252", "iso8859-15", "cp850", "mac-roman"],
    ),
    "French in capitals": ("Date;Payee;Amount\n13/03/2026;CAFÉ DE LA FORÊT;-3,20\n", ["cp1252"]),
    "Portuguese": (
        "Data;Descrição;Montante\n13-03-2026;Prestação habitação;-3\n14-03-2026;Comissões;-1\n",
        ["cp1252", "cp850"],
    ),
    "Portuguese below English": (
        "Date;Payee;Amount\n13-03-2026;Informações;-3,20\n14-03-2026;Milhões é;-1,00\n",
        ["cp1252"],
    ),
    "Spanish": ("Fecha;Concepto;Importe\n13/03/2026;Nómina año peña;-3\n", ["cp1252", "cp850"]),
    "Swedish": (
        "Bokföringsdag;Belopp;Rubrik\n2026-03-13;-3,20;Kortköp Åhléns Malmö\n",
        ["cp1252", "cp850", "mac-roman"],
    ),
    "Danish": (
        "Dato;Tekst;Beløb\n13.03.2026;Købmand Sørensen på Østerbro;-3,20\n",
        ["cp1252", "cp850", "mac-roman"],
    ),
    "Finnish": ("Kirjauspäivä;Määrä\n13.03.2026;-3,20\n14.03.2026;-1,20\n", ["cp1252", "cp850"]),
    "Icelandic": (
        "Dagsetning;Texti;Upphæð\n13.03.2026;Verslun Þórðar á Ísafirði;-3\n",
        ["cp1252"],
    ),
    "Estonian": ("Kuupäev;Summa;Selgitus\n13.03.2026;-3,20;Õllepood\n", ["cp1252", "cp1257"]),
    "Latvian": ("Datums;Summa;Saņēmējs/Maksātājs\n13.03.2026;-3;Veikals Rīgā\n", ["cp1257"]),
    "Lithuanian": ("Data;Suma;Paaiškinimai\n2026-03-13;-3;Mokėjimas už kovą\n", ["cp1257"]),
    "Turkish": ("Tarih;Açıklama;Tutar\n13.03.2026;Market alışverişi İstanbul;-35\n", ["cp1254"]),
    "Turkish below English": ("Date;Payee;Amount\n13.03.2026;ALIŞVERİŞ ÇİÇEK;-35\n", ["cp1254"]),
    "Russian": (RUSSIAN, ["cp1251", "koi8-r", "cp866"]),
    "Russian in capitals": (
        "Date;Payee;Amount\n13.03.2026;МАГАЗИН РОМАШКА;-350,00\n",
        ["cp1251", "cp866"],
    ),
    "Ukrainian": ("Дата;Опис операції;Сума\n13.03.2026;Крамниця Їжак;-35\n", ["cp1251", "koi8-u"]),
    "Bulgarian": ("Дата;Описание;Сума\n13.03.2026;Плащане в магазин;-35,00\n", ["cp1251"]),
    "Greek": (
        "Ημερομηνία;Περιγραφή;Ποσό\n13/03/2026;Αγορά από κατάστημα;-35\n",
        ["cp1253", "iso8859-7"],
    ),
    "Greek in capitals": ("Date;Payee;Amount\n13/03/2026;ΣΟΥΠΕΡ ΜΑΡΚΕΤ;-35,00\n", ["cp1253"]),
    "Hebrew": ("תאריך;תיאור;סכום\n13/03/2026;קניות בסופר;-35,00\n", ["cp1255"]),
    "Japanese": ("日付,摘要,出金金額,入金金額\n2026/03/13,給与 株式会社,,2000\n", ["cp932"]),
    "Japanese below English": ("Date,Payee,Amount\n2026/03/13,ファミリーマート,-5\n", ["cp932"]),
    "Chinese": ("交易时间,交易对方,收/支,金额\n2026-03-13,肯德基,支出,35.00\n", ["gb18030"]),
    "Chinese below English": ("Date,Payee,Amount\n2026-03-13,北京超市,-35.00\n", ["gb18030"]),
    "several languages": (
        "Date;Payee\n1/3/2026;MÜNCHEN HOTEL\n2/3/2026;PEÑA SÃO PAULO\n3/3/2026;CAFÉ ÅRHUS\n",
        ["cp1252"],
    ),
    "symbols": ("Date;Payee;Amount\n13/03/2026;25 m² at 5°, §3;£3.20\n", ["cp1252"]),
    "a euro": ("Date;Payee;Amount\n13/03/2026;SHOP;€ 3.20\n", ["cp1252"]),
    "quotes": ("Date;Payee;Amount\n13/03/2026;O’Neill’s “Bar” – x;-3\n", ["cp1252"]),
}
WRITINGS = [
    pytest.param(text, encoding, id=f"{language}-{encoding}")
    for language, (text, encodings) in TEXTS.items()
    for encoding in [*encodings, "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]
]


def known(cell: str) -> bool:
    """Know only what is above the columns of these texts."""
    headings = [heading for text, _ in TEXTS.values() for heading in text.split("\n")[0].split(";")]
    return cell in headings


@pytest.mark.parametrize(("text", "encoding"), WRITINGS)
def test_a_text_is_read_as_it_was_written(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), None, known) == Success(text)


def question(content: bytes) -> Question:
    found = decode(content)
    assert isinstance(found, Failure)
    assert isinstance(found.error, HintNeeded)
    (only,) = found.error.questions
    return only


def test_what_nothing_decides_is_asked() -> None:
    asked = question("Date;Payee;Amount\n13.03.2026;МАГАЗИН РОМАШКА;-350,00\n".encode("koi8-r"))

    assert asked.field == Asked.ENCODING
    assert set(asked.options) == {"koi8-u", "cp1253"} <= set(ENCODINGS)
    assert "another one by its name" in asked.reason
    assert "koi8-u: 13.03.2026;МАГАЗИН РОМАШКА;-350,00" in asked.examples


def test_a_reading_in_a_rare_language_is_asked_about() -> None:
    """“ALIŞVERİŞ” reads as if it were Icelandic."""
    asked = question("Date;Payee;Amount\n13.03.2026;ALIŞVERİŞ;-35\n".encode("cp1254"))

    assert list(asked.options) == ["cp1254", "cp1252"]


def test_a_stated_encoding_answers() -> None:
    text = "Date;Payee;Amount\n13.03.2026;МАГАЗИН РОМАШКА;-350,00\n"
    hints = ReadingHints(account="A", currency="RUB", encoding="koi8-r")

    assert decode(text.encode("koi8-r"), "koi8-r") == Success(text)
    assert rows_of(text.encode("koi8-r"), hints)[0].description == "МАГАЗИН РОМАШКА"


def test_a_stated_encoding_is_in_the_profile() -> None:
    hints = ReadingHints(account="A", currency="RUB", encoding="koi8-r")

    file = read("Date;Payee;Amount\n13.03.2026;МАГАЗИН;-350,00\n".encode("koi8-r"), hints)

    assert file.csv_profile is not None
    assert file.csv_profile.encoding == "koi8-r"


@pytest.mark.parametrize("stated", ["none-such", "rot13", "idna", "utf-8", "utf-16"])
def test_a_stated_encoding_that_is_not_the_texts_says_nothing(stated: str) -> None:
    assert decode("Empfänger Müller\n".encode("cp1252"), stated) == Success("Empfänger Müller\n")


def test_a_text_in_utf_8_needs_no_answer() -> None:
    assert decode("Zürich\n".encode(), "cp1251") == Success("Zürich\n")


def test_damage_to_one_letter_does_not_change_the_others() -> None:
    text = "Empfänger;Müller Straße\n" * 20

    assert decode(text.encode() + b"Caf\xc3\n") == Success(f"{text}Caf\ufffd\n")


def test_a_stated_encoding_may_have_a_damaged_letter() -> None:
    text = "日付,摘要,金額\n" * 200

    assert decode(text.encode("cp932") + b"\x81\n", "cp932") == Success(f"{text}\ufffd\n")


@pytest.mark.parametrize("text", [POLISH, RUSSIAN])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_wide_file_without_a_mark_is_recognised(text: str, encoding: str) -> None:
    assert CsvReader().recognises(text.encode(encoding)[:4096])
    assert rows_of(text.encode(encoding), EUROS) == rows_of(text, EUROS)

"""Months and dates as countries write them."""

from datetime import date

import pytest

from adapters.statements.csv.dates import is_date, parse_date, time_beside
from adapters.statements.dates import in_figures
from domain.ledger.hints import DateOrder

#: The 13th of every month from January on, by language: in full as in a date, and shortened.
MONTHS = {
    "English": "January Feb March Apr. May June July Aug Sept Oct November Dec",
    "German": "Januar Feb. März Apr Mai Juni Juli Aug. September Okt November Dez.",
    "Austrian": "Jänner Februar März April Mai Juni Juli August September Oktober November"
    " Dezember",
    "French": "janvier févr. mars avril mai juin juil. août sept. octobre nov. déc.",
    "Spanish": "enero feb marzo abr mayo junio julio ago septiembre oct nov dic",
    "Italian": "gennaio feb marzo apr maggio giu luglio ago set ottobre nov dic",
    "Portuguese": "janeiro fev março abr maio jun julho ago set out novembro dez",
    "Dutch": "januari feb mrt april mei juni juli augustus sept okt november dec",
    "Swedish": "januari feb mars april maj juni juli augusti sept okt november dec",
    "Norwegian": "januar feb mars april mai juni juli august sep okt november des",
    "Danish": "januar feb marts april maj juni juli august sep okt november dec",
    "Finnish": "tammikuuta helmi maaliskuuta huhti toukokuuta kesä heinäkuuta elokuu syyskuu loka"
    " marraskuuta joulu",
    "Polish": "stycznia lut marca kwietnia maja czerwca lipca sie września paź lis. grudnia",
    "Czech": "ledna únor března dubna května června července srpna září října listopadu prosince",
    "Slovak": "januára februára marca apríla mája júna júla augusta septembra októbra novembra"
    " decembra",
    "Hungarian": "január febr. március ápr. május jún. július aug. szept. október november dec.",
    "Romanian": "ianuarie feb martie apr mai iunie iul august sept octombrie noiembrie dec",
    "Croatian": "siječnja velj ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada"
    " studenoga prosinca",
    "Slovenian": "januar februar marec april maj junij julij avgust september oktober november"
    " december",
    "Turkish": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "Greek": "Ιανουαρίου Φεβ Μαρτίου Απρ Μάι Ιουν Ιουλίου Αυγ Σεπτεμβρίου Οκτ Νοε Δεκεμβρίου",
    "Russian": "января февр. марта апр мая июня июля авг сентября окт ноября дек",
    "Ukrainian": "січня лютого бер квітня трав червня липня серп вересня жовт листопада груд",
}
#: Written so, they may be another month in another language.
UNCERTAIN = {("Polish", 11), ("Croatian", 10)}


@pytest.mark.parametrize("language", MONTHS)
def test_months_have_names(language: str) -> None:
    for number, name in enumerate(MONTHS[language].split(), start=1):
        day = None if (language, number) in UNCERTAIN else date(2026, number, 13)
        for written in (f"13 {name} 2026", f"13. {name.upper()} 2026", f"13-{name}-26"):
            assert parse_date(written, DateOrder.DAY_FIRST) == day, written


@pytest.mark.parametrize(
    "written",
    [
        *("13.03.2026.", "2026.03.13.", "2026. 03. 13.", "2026:03:13", "20260313", "2026/3/13"),
        *("2026年3月13日", "2026年03月13日 10:15", "2026/03/13 (金)", "2026년 3월 13일"),
        *("13Mar2026", "13 Mar '26", "March 13th, 2026", "13th of March 2026", "Mar 13 2026"),
        *("13 de marzo de 2026", "13 de março de 2026", "13 марта 2026 г.", "13 березня 2026 р."),
        *("Fri, 13 Mar 2026", "Freitag, 13. März 2026", "pe 13.3.2026", "mar 13/03/2026"),
        *("2026-03-13T23:59:59-11:00", "2026-03-13T00:01:00.000Z", "2026-03-13+01:00"),
        *("20260313T101500", "2026-03-13-10.15.30.123456", "13.03.2026 um 10:15 Uhr"),
        *("13/03/2026 à 10:15", "13-03-2026 / 10:15", "2026.03.13. 10:15", "2026. március 13."),
        "13/03/2026 as of 12/03/2026",
    ],
)
def test_dates_are_read_as_they_are_written(written: str) -> None:
    assert parse_date(written, DateOrder.DAY_FIRST) == date(2026, 3, 13)
    assert is_date(written)


@pytest.mark.parametrize("written", ["46094", "46094.5", "Saldo 13.03.2026", "13 Foo 2026", "12"])
def test_other_texts_are_no_dates(written: str) -> None:
    assert not is_date(written)
    assert in_figures(written) == written


def test_a_time_may_be_joined_to_its_date_by_a_word() -> None:
    assert time_beside("13.03.2026 um 10:15") == "10:15"
    assert time_beside("2026.03.13. 10:15") == "10:15"

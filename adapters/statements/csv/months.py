"""Names of months, whole and short, in the form that `plain` gives them."""

_MONTHS = """
    january januar janvier enero januari gennaio jan ene gen janv
    february februar fevrier febrero februari febbraio feb fevr fev
    march marz mars marzo maart mar mrz mrt maerz
    april avril abril aprile apr avr abr
    may mai mayo mei maggio mag
    june juni juin junio giugno jun giu
    july juli juillet julio luglio jul juil lug
    august aout agosto augustus aug ago aou
    september septembre septiembre settembre sep sept set
    october oktober octobre octubre ottobre oct okt ott
    november novembre noviembre nov
    december dezember decembre diciembre dicembre dec dez dic
"""
MONTHS = {
    name: number
    for number, names in enumerate(_MONTHS.strip().splitlines(), start=1)
    for name in names.split()
}

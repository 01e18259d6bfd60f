"""The names of months and weekdays in the languages of banks."""

from collections.abc import Iterable

from domain.shared.folding import folded

# A language a line, and its months from January on: in full, as they are inflected in a date, and
# shortened.
_MONTHS = """
en january jan|february feb|march mar|april apr|may|june jun|july jul|august aug\
|september sept sep|october oct|november nov|december dec
de januar jänner jan jän|februar feber feb|märz maerz mär mrz|april apr|mai|juni jun|juli jul\
|august aug|september sept sep|oktober okt|november nov|dezember dez
fr janvier janv jan|février févr fév|mars mar|avril avr|mai|juin|juillet juil|août aoû aout\
|septembre sept sep|octobre oct|novembre nov|décembre déc
es enero ene|febrero feb|marzo mar|abril abr|mayo may|junio jun|julio jul|agosto ago\
|septiembre setiembre sept sep set|octubre oct|noviembre nov|diciembre dic
it gennaio gen|febbraio feb|marzo mar|aprile apr|maggio mag|giugno giu|luglio lug|agosto ago\
|settembre sett set|ottobre ott|novembre nov|dicembre dic
pt janeiro jan|fevereiro fev|março mar|abril abr|maio mai|junho jun|julho jul|agosto ago\
|setembro set|outubro out|novembro nov|dezembro dez
nl januari jan|februari feb|maart mrt|april apr|mei|juni jun|juli jul|augustus aug\
|september sept sep|oktober okt|november nov|december dec
sv januari jan|februari feb|mars mar|april apr|maj|juni jun|juli jul|augusti aug\
|september sept sep|oktober okt|november nov|december dec
da januar jan|februar feb|marts mar|april apr|maj|juni jun|juli jul|august aug\
|september sept sep|oktober okt|november nov|december dec
no januar jan|februar feb|mars mar|april apr|mai|juni jun|juli jul|august aug\
|september sept sep|oktober okt|november nov|desember des
is janúar|febrúar|mars|apríl|maí|júní jún|júlí júl|ágúst ágú|september|október|nóvember nóv\
|desember des
fi tammikuu tammikuuta tammi|helmikuu helmikuuta helmi|maaliskuu maaliskuuta maalis\
|huhtikuu huhtikuuta huhti|toukokuu toukokuuta touko|kesäkuu kesäkuuta kesä\
|heinäkuu heinäkuuta heinä|elokuu elokuuta elo|syyskuu syyskuuta syys|lokakuu lokakuuta loka\
|marraskuu marraskuuta marras|joulukuu joulukuuta joulu
pl styczeń stycznia sty|luty lutego lut|marzec marca mar|kwiecień kwietnia kwi|maj maja\
|czerwiec czerwca cze|lipiec lipca lip|sierpień sierpnia sie|wrzesień września wrz\
|październik października paź|listopad listopada lis|grudzień grudnia gru
cs leden ledna led|únor února úno|březen března bře|duben dubna dub|květen května kvě\
|červen června čvn|červenec července čvc|srpen srpna srp|září zář|říjen října říj\
|listopad listopadu lis|prosinec prosince pro
sk január januára|február februára|marec marca mar|apríl apríla|máj mája|jún júna|júl júla\
|august augusta|september septembra|október októbra|november novembra|december decembra
hu január jan|február febr|március márc|április ápr|május máj|június jún|július júl\
|augusztus aug|szeptember szept|október okt|november nov|december dec
ro ianuarie ian|februarie feb|martie mar|aprilie apr|mai|iunie iun|iulie iul|august aug\
|septembrie sept sep|octombrie oct|noiembrie noi nov|decembrie dec
hr siječanj siječnja sij|veljača veljače velj|ožujak ožujka ožu|travanj travnja tra\
|svibanj svibnja svi|lipanj lipnja lip|srpanj srpnja srp|kolovoz kolovoza kol|rujan rujna ruj\
|listopad listopada lis|studeni studenoga stu|prosinac prosinca pro
sr januar|februar|mart mar|april|maj|jun juna|jul jula|avgust avg|septembar|oktobar|novembar\
|decembar
sl januar januarja|februar februarja|marec marca mar|april aprila|maj maja|junij junija jun\
|julij julija jul|avgust avgusta avg|september septembra|oktober oktobra|november novembra\
|december decembra
et jaanuar jaan|veebruar veebr|märts|aprill|mai|juuni|juuli|august|september|oktoober|november\
|detsember dets
lv janvāris janvārī janv|februāris februārī febr|marts martā|aprīlis aprīlī|maijs maijā\
|jūnijs jūnijā jūn|jūlijs jūlijā jūl|augusts augustā|septembris septembrī|oktobris oktobrī\
|novembris novembrī|decembris decembrī
lt sausis sausio saus|vasaris vasario vas|kovas kovo kov|balandis balandžio bal\
|gegužė gegužės geg|birželis birželio birž|liepa liepos liep|rugpjūtis rugpjūčio rugp\
|rugsėjis rugsėjo rugs|spalis spalio spal|lapkritis lapkričio lapkr|gruodis gruodžio gruod
tr ocak oca|şubat şub|mart mar|nisan nis|mayıs may|haziran haz|temmuz tem|ağustos ağu\
|eylül eyl|ekim eki|kasım kas|aralık ara
el ιανουάριος ιανουαρίου ιαν|φεβρουάριος φεβρουαρίου φεβ|μάρτιος μαρτίου μαρ\
|απρίλιος απριλίου απρ|μάιος μαΐου μαι|ιούνιος ιουνίου ιουν|ιούλιος ιουλίου ιουλ\
|αύγουστος αυγούστου αυγ|σεπτέμβριος σεπτεμβρίου σεπ σεπτ|οκτώβριος οκτωβρίου οκτ\
|νοέμβριος νοεμβρίου νοε|δεκέμβριος δεκεμβρίου δεκ
ru январь января янв|февраль февраля фев февр|март марта мар|апрель апреля апр|май мая\
|июнь июня июн|июль июля июл|август августа авг|сентябрь сентября сен сент\
|октябрь октября окт|ноябрь ноября ноя нояб|декабрь декабря дек
uk січень січня січ|лютий лютого лют|березень березня бер|квітень квітня кві квіт\
|травень травня тра трав|червень червня чер черв|липень липня лип|серпень серпня сер серп\
|вересень вересня вер|жовтень жовтня жов жовт|листопад листопада лис|грудень грудня гру груд
bg януари ян|февруари|март|април|май|юни|юли|август|септември септ|октомври|ноември\
|декември
id januari|februari|maret|april|mei|juni|juli|agustus agu agt|september|oktober okt|november\
|desember des
""".replace("\\\n", "")


def _numbered(languages: Iterable[str]) -> dict[str, set[int]]:
    numbers: dict[str, set[int]] = {}
    for line in languages:
        _, months = line.split(" ", 1)
        for number, names in enumerate(months.split("|"), start=1):
            for name in names.split():
                numbers.setdefault(folded(name), set()).add(number)
    return numbers


_NUMBERS = _numbered(_MONTHS.strip().splitlines())
#: The numbers of months by their names. Names that are another month in another language, as
#: “listopad” is October in Croatian and November in Polish, are none: nothing says which it is.
MONTHS = {name: min(found) for name, found in _NUMBERS.items() if len(found) == 1}

_WEEKDAYS = """
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so
lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim
lunes martes miércoles jueves viernes sábado domingo mié jue vie sáb dom
lunedì martedì mercoledì giovedì venerdì sabato domenica gio sab
segunda terça quarta quinta sexta seg ter qua qui sex
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma wo vr za zo
måndag tisdag onsdag torsdag fredag lördag söndag mån tis ons tor tors fre lör sön
mandag tirsdag lørdag søndag man tir lør søn
maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai ti ke to pe la su
poniedziałek wtorek środa czwartek piątek sobota niedziela pon wt śr czw pt sob nd niedz
"""
WEEKDAYS = frozenset(map(folded, _WEEKDAYS.split()))

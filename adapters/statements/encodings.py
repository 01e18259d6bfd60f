"""Which encoding a text is in, where its bytes do not say it: by what reads as words.

The evidence is the words with letters beyond ASCII. Read rightly, these letters belong to one
language, they are upper case at the beginning of a word or all through it, and some words are
known. Read wrongly, the same bytes are letters of several languages, or symbols within words.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import NamedTuple

#: The encoding of files that show no other.
USUAL = "cp1252"
# So many bytes, and lines, with other letters are the evidence; so much of a line on either side.
_EVIDENCE, _LINES, _LONGEST = 2_500, 2_000, 1_000
# The best reading is chosen if it is better than the others by this, and by more if it is not good.
_CLEARLY, _GOOD = 0.1, 0.5
# Encodings of old systems are likely only where there are many letters.
_OLD, _HANDICAP = {"koi8-u", "cp866", "cp852", "cp850", "mac-roman", "cp932", "gb18030"}, 0.3
# A known word counts so much, and no more than two do.
_KNOWN_WORD, _MOST_KNOWN = 0.25, 2
# Known words are headings: they stand in the first cells.
_CELLS = 40

# Letters beyond ASCII, by language. What is between several Latin languages counts a little less.
_MIXED = "mixed"
_LATIN = {
    _MIXED: "äöüßéèêëàâçñáíóúîôûïœæåøã",
    "French": "àâæçéèêëîïôœùûü",
    "Portuguese": "áâãàçéêíóôúü",
    "Spanish": "áéíñóúüç",
    "Italian": "àèéìíòóù",
    "German": "äöüßé",
    "Nordic": "åäöæøéüáà",
    "Icelandic": "áðéíóúýþæö",
    "Estonian": "äõöüšž",
    "Polish": "ąćęłńóśźż",
    "Czech": "áčďéěíňóřšťúůýžö",
    "Slovak": "áäčďéíĺľňóôŕšťúýžö",
    "Hungarian": "áéíóöőúüű",
    "Romanian": "ăâîșțşţ",
    "Croatian": "čćđšž",
    "Turkish": "çğıöşüâîİ",
    "Latvian": "āčēģīķļņšūž",
    "Lithuanian": "ąčęėįšųūž",
}
# Few files are in these, and their letters are often those of another reading.
_LESS_LIKELY = {_MIXED, "Icelandic"}
# Languages without ASCII letters: the frequent ones, and the others, which count less.
_OTHER = {
    "Russian": ("оеаинтсрвлкмдпу", "ыяьгзбчйхжшюцщэфъё"),
    "Ukrainian": ("оаинтіресвлкдмпу", "зьбгяхйчжцшюєїщфґ"),
    "Bulgarian": ("аоеинтрсвлкпдзм", "ъугябчцжшхщюйфь"),
    "Greek": ("αοιεητσνρπκλμυς", "ωάέήίόύώγδθβξφχζψϊϋΐΰ"),
    "Hebrew": ("יולהתאמבשרנ", "דעקחצפגזטסכךםןףץ"),
    "Chinese": (
        "交易金额日期时间收支付款方账户余名称商品状态类型备注银行转入出人元对号订单消费摘要卡明细记录"
        "公司有限费用信息用户成功工资的中国上海市大小天一二三",
        "",
    ),
    "Japanese": (
        "日付摘要内容金額残高出入払込引取振手数料利用店名円年月お預支銀行普通口座番号の"
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワンー"
        "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
        "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポッャュョ",
        "",
    ),
}
_IDEOGRAPHIC = {"Chinese", "Japanese"}
_CENTRAL = ("Polish", "Czech", "Slovak", "Hungarian", "Romanian", "Croatian")
_WESTERN = (_MIXED, "French", "Portuguese", "Spanish", "Italian", "German", "Nordic")
# Of readings that are the same text, the first counts.
_LANGUAGES: dict[str, Sequence[str]] = {
    USUAL: (*_WESTERN, "Icelandic", "Estonian"),
    "iso8859-15": (*_WESTERN, "Estonian"),
    "cp1250": _CENTRAL,
    "iso8859-2": _CENTRAL,
    "cp1254": ("Turkish",),
    "cp1257": ("Estonian", "Latvian", "Lithuanian"),
    "cp1251": ("Russian", "Ukrainian", "Bulgarian"),
    "koi8-u": ("Russian", "Ukrainian"),
    "cp866": ("Russian",),
    "cp1253": ("Greek",),
    "cp1255": ("Hebrew",),
    "cp852": (*_CENTRAL, "German"),
    "cp850": _WESTERN,
    "mac-roman": _WESTERN,
    "cp932": ("Japanese",),
    "gb18030": ("Chinese",),
}
#: The encodings between which a person may choose.
ENCODINGS = tuple(_LANGUAGES)

_END = re.compile(rb"[\r\n]")
_UTF_8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
# A letter on its own, or a symbol, is not worth a question.
_IN_A_WORD = re.compile(rb"[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z\x80-\xff]")
_BETWEEN_CELLS = re.compile(r"[;,|\t\"\n]")
_WORD = re.compile(r"[^\W\d_]+")
# What is a letter to Python, and a symbol to people.
_SYMBOLS = str.maketrans(dict.fromkeys("¹²³¼½¾ªºµ", "¦"))
# A symbol between letters, a letter beside a figure, and symbols that no bank writes.
_WRONG = re.compile(
    r"(?<=[^\W\d_])[^\x00-\x7f\w’‘–—·\xa0](?=[^\W\d_])"
    r"|(?<=[a-z])[–—](?=[a-z])|(?<=[^\W\d_]{3})¦|(?=[^\x00-\x7f])[^\W\d_](?=\d)|(?<=\d)(?=[^\x00-\x7f])[^\W\d_]"
    r"|[\x80-\x9f¤¬¯¸˙˛ˇ˘˝†‡ˆ˜‰÷ƒ≥≤≠∞∂∑∏∫√≈∆◊ﬁﬂ\u2500-\u25ff\ufffd\ue000-\uf8ff\uff61-\uff65]|[±©®¨´¶•¥§]{2,}"
)
_IDEOGRAPHS = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_WRONG_IDEOGRAPHS = re.compile(
    rf"[a-z][{_IDEOGRAPHS}\uff61-\uff9f]|[{_IDEOGRAPHS}\uff61-\uff9f][a-z]|[\ufffd\ue000-\uf8ff]"
)
_THREE = re.compile(r"(?:(?=[^\x00-\x7f])[^\W\d_]){3,}")
_MIXED_SCRIPTS = re.compile(r"[a-zA-Z](?=[^\x00-\x7f])[^\W\d_]|(?=[^\x00-\x7f])[^\W\d_][a-zA-Z]")
_IDEOGRAPH = re.compile(rf"[{_IDEOGRAPHS}\uff01-\uff5e]+")


class Readings(NamedTuple):
    """The encodings that may be meant, the likeliest first, and a line as each of them reads it."""

    encodings: Sequence[str]
    lines: Sequence[str]


def find_encoding(content: bytes, is_known: Callable[[str], bool]) -> str | Readings:
    """Return the encoding of a text that is not UTF-8, or those between which nothing decides."""
    lines = list(_evidence(content))
    evidence = b"\n".join(lines)
    if _is_damaged_utf_8(evidence):
        return "utf-8"
    scores: dict[str, tuple[float, str]] = {}
    for encoding, languages in _LANGUAGES.items():
        text = _read(evidence, encoding)
        if text is not None and text not in scores:
            scores[text] = (_score(text, languages, old=encoding in _OLD), encoding)
    best = max((score for score, _ in scores.values()), default=0.0)
    for text, (score, encoding) in scores.items():
        # Known words cannot make up for more.
        if score >= best - _KNOWN_WORD * _MOST_KNOWN - _CLEARLY:
            scores[text] = (score + _known_words(text, is_known), encoding)
    best = max((score for score, _ in scores.values()), default=0.0)
    apart = _CLEARLY if best > _GOOD else 3 * _CLEARLY
    near = [(score, encoding) for score, encoding in scores.values() if score > best - apart]
    near.sort(key=lambda found: -found[0])
    encodings = [encoding for _, encoding in near]
    if not encodings or USUAL in encodings[:1] or not _IN_A_WORD.search(evidence):
        return USUAL if len(encodings) != 1 else encodings[0]
    if len(encodings) == 1:
        return encodings[0]
    return Readings(encodings, [_read(lines[0], encoding) or "" for encoding in encodings])


def _evidence(content: bytes) -> Iterator[bytes]:
    """Yield the first lines with letters beyond ASCII, each once; of long lines, what is near."""
    seen: set[bytes] = set()
    size = at = 0
    for _ in range(_LINES):
        found = _HIGH.search(content, at)
        if found is None or size > _EVIDENCE:
            return
        line, at = _line_at(content, found.start())
        if line not in seen:
            size += len(line)
            yield line
        seen.add(line)


def _line_at(content: bytes, at: int) -> tuple[bytes, int]:
    """Return the line at a place, cut off where it is long, and where it ends."""
    near = content[max(0, at - _LONGEST) : at]
    start = at - len(near) + max(near.rfind(b"\n"), near.rfind(b"\r")) + 1
    end = _END.search(content, at, at + _LONGEST)
    stop = end.start() if end else min(at + _LONGEST, len(content))
    return content[start:stop], stop


def _is_damaged_utf_8(evidence: bytes) -> bool:
    """Say whether nearly all letters are UTF-8: some programs cut texts within a letter."""
    right = _UTF_8.findall(evidence)
    wrong = len(_HIGH.findall(evidence)) - sum(map(len, right))
    return len(right) > 2 * wrong


def _read(evidence: bytes, encoding: str) -> str | None:
    try:
        return evidence.decode(
            encoding, "strict" if encoding in ("cp932", "gb18030") else "replace"
        )
    except UnicodeDecodeError:
        return None


def _score(text: str, languages: Sequence[str], *, old: bool) -> float:
    """Return how well a text reads in one of the languages, apart from known words: at best 1."""
    shown = text.translate(_SYMBOLS)
    words = [word for word in dict.fromkeys(_WORD.findall(shown)) if not word.isascii()]
    joined = " ".join(words)
    beyond = Counter(letter for letter in joined if letter > "\x7f")
    ideographic = languages[0] in _IDEOGRAPHIC
    wrong = len(_WRONG_IDEOGRAPHS.findall(shown) if ideographic else _WRONG.findall(shown))
    wrong += sum(map(_odd_cases, words))
    handicap = _HANDICAP / (1 + beyond.total()) if old else 0.0
    if not beyond:
        return 0.0 if ideographic else 1.0 - wrong - handicap
    best = max(_share(joined, beyond, language) for language in languages)
    return best - 2 * wrong / (beyond.total() + wrong) - handicap


def _known_words(text: str, is_known: Callable[[str], bool]) -> float:
    """Return what the known words of a text count, which stand in its first cells."""
    cells = (cell for cell in _BETWEEN_CELLS.split(text) if not cell.isascii())
    return _KNOWN_WORD * min(sum(map(is_known, islice(cells, _CELLS))), _MOST_KNOWN)


def _share(words: str, beyond: Counter[str], language: str) -> float:
    """Return the share of letters that belong to a language, less what is impossible in it."""
    frequent, seldom = _alphabet(language)
    often = sum(count for letter, count in beyond.items() if letter in frequent)
    others = sum(count for letter, count in beyond.items() if letter in seldom)
    if language in _IDEOGRAPHIC:
        others = sum(map(len, _IDEOGRAPH.findall(words))) - often
        return (often + 0.4 * others) / beyond.total()
    impossible = _THREE.findall(words) if language in _LATIN else _MIXED_SCRIPTS.findall(words)
    if language == "Portuguese":
        # This letter stands before an e alone.
        often += sum(map(words.count, ("õe", "Õe", "ÕE")))
    unknown = beyond.total() - often - others
    share = (often + 0.4 * others - unknown - sum(map(len, impossible))) / beyond.total()
    return share - 0.05 if language in _LESS_LIKELY else share


@cache
def _alphabet(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the frequent letters of a language, and its others, in either case."""
    frequent, seldom = (_LATIN[language], "") if language in _LATIN else _OTHER[language]
    return frozenset(frequent + frequent.upper()), frozenset(seldom + seldom.upper())


def _odd_cases(word: str) -> int:
    """Count the letters beyond ASCII that are upper case behind lower case, or the reverse."""
    found = 0
    for at, letter in enumerate(word[1:], start=1):
        if letter > "\x7f":
            before, after = word[at - 1], word[at + 1 : at + 2]
            if letter.isupper():
                found += before.islower() or (at == 1 and after.islower())
            else:
                found += before.isupper() and (after or before).isupper() and at > 1
    return found

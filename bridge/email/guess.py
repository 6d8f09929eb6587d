"""A charset for octets that name none, or a false one: only where no western text could be meant.

Western letters are few among ASCII.  Where most octets are beyond it, the mail is written in another
script, and of the charsets in which the octets are valid, the one wins whose text consists of that
script's frequent characters.  A guess is a guess: the caller marks it as doubtful.
"""

from __future__ import annotations

_SAMPLE = 16_000  # octets that are looked at
_FOREIGN = 0.4  # of what is no white space; German has 0.03, Vietnamese 0.3
_ENOUGH = 12  # characters, for a guess

_KANA = "".join(map(chr, (*range(0x3041, 0x3094), *range(0x30A1, 0x30FB), 0x30FC, 0x3001, 0x3002)))
_HAN = (
    "的一是不了人我在有他中上大和地到以要就出可也你生能而子那得下自之年用道行所然家事成方多去法如都同面起看定天分好小部其些主理心本前但因只想"
    "日三二十文公月明力入使正向文其平五六七八九四此何者為乃於，。、：；！？「」"
)
_TRADITIONAL = "這個們來為國說時會對於著過發後裡種經麼學現當沒動還進樣開從實與無問題園長請謝該點關體機員業"
_SIMPLIFIED = "这个们来为国说时会对于着过发后里种经么学现当没动还进样开从实与无问题园长请谢该点关体机员业"
_HANGUL = (
    "이다의에는을하고가지로기도사한은를어서대아리자시나있인그것들라수해보만게과와일저었습니까요안녕문제원공"
)
_RUSSIAN = "оеаинтслрвкмдпуяыьгзбчйхжшю"
_GREEK = "αοιετσνηυρπκμλςωάίόήέδγ"
_HEBREW = "יוהלאתרבשמנחדק"
_ARABIC = "اليمونتربةعدسفهك"
_THAI = "านรอกเงมยลวดท่สต"

_CANDIDATES = (
    ("big5hkscs", _HAN + _TRADITIONAL, 0.25),
    ("gb18030", _HAN + _SIMPLIFIED, 0.25),
    ("euc_jp", _KANA, 0.3),
    ("cp932", _KANA, 0.3),
    ("cp949", _HANGUL, 0.25),
    ("cp1251", _RUSSIAN, 0.6),
    ("koi8-r", _RUSSIAN, 0.6),
    ("cp1253", _GREEK, 0.6),
    ("cp1255", _HEBREW, 0.6),
    ("cp1256", _ARABIC, 0.5),
    ("cp874", _THAI, 0.5),
)
"""Codec, frequent characters, and their least share of what is not ASCII."""


def charset(data: bytes) -> str | None:
    """The codec of `data`, which is neither ASCII nor UTF-8; None: western, or nobody knows."""
    sample = data[:_SAMPLE]
    seen = len(sample) - sum(sample.count(c) for c in (b" ", b"\t", b"\r", b"\n"))
    beyond = len(sample) - len(sample.decode("ascii", "ignore"))
    if beyond < _FOREIGN * seen:
        return None
    shares = [(_share(sample, name, frequent) / least, name) for name, frequent, least in _CANDIDATES]
    share, name = max(shares)
    return name if share >= 1 else None


def _share(sample: bytes, name: str, frequent: str) -> float:
    """Of the characters beyond ASCII, how many are frequent; 0 where the octets are not valid."""
    try:
        text = sample.decode(name)
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 3:  # else the sample ends inside a character
            return 0.0
        text = sample[: error.start].decode(name)
    letters = [c for c in text if not c.isascii()]
    known = frozenset(frequent)
    return sum(c in known for c in letters) / len(letters) if len(letters) >= _ENOUGH else 0.0

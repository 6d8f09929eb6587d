"""Charsets and encoded words."""

from __future__ import annotations

import unicodedata
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email.encoded import decode, header_text, one_line, plain


@pytest.mark.parametrize(
    ("data", "label", "text", "sure"),
    [
        ("Grüße".encode(), "utf-8", "Grüße", True),
        ("Grüße".encode("latin-1"), "iso-8859-1", "Grüße", True),
        ("Grüße".encode(), "iso-8859-1", "Grüße", True),  # mislabelled, and valid UTF-8
        ("Grüße".encode("cp1252"), "utf-8", "Grüße", False),
        ("äöü".encode() + b"\xff", "utf-8", "äöü\ufffd", False),
        ("Grüße".encode("cp1252"), "", "Grüße", False),
        ("Grüße".encode(), "", "Grüße", True),
        ("Grüße".encode(), "us-ascii", "Grüße", True),
        ("“quoted” €".encode("cp1252"), "iso-8859-1", "“quoted” €", True),
        ("Grüße".encode(), "x-nobody-knows", "Grüße", False),
        (b"plain", "x-nobody-knows", "plain", True),
        ("鎔基".encode("gbk"), "gb2312", "鎔基", True),  # the first letter is not in GB 2312
        ("日本語".encode("iso2022_jp"), "iso-2022-jp", "日本語", True),
        ("日本語".encode("iso2022_jp"), "", "日本語", True),
        ("①髙".encode("cp932"), "shift_jis", "①髙", True),
        ("한국어".encode("cp949"), "ks_c_5601-1987", "한국어", True),
        ("Привет".encode("koi8-r"), "koi8-r", "Привет", True),
        (b"\x81\xfe", "", "\x81þ", False),
        (b"abc", "punycode", "abc", True),
        (b"x\xda", "zip", "xÚ", False),
        (b"\xef\xbb\xbfabc", "utf-8", "abc", True),
        (b"+AOQ-", "utf-7", "ä", True),
        (b"abc", "utf-8\x00", "abc", True),
    ],
)
def test_charsets_that_lie(data: bytes, label: str, text: str, sure: bool) -> None:
    assert decode(data, label) == (text, sure)


WRITTEN = {
    "big5hkscs": "你好，我們想請問公園裡的長椅什麼時候可以修好？謝謝。",
    "gb18030": "你好，我们想请问公园里的长椅什么时候可以修好？谢谢。",
    "euc_jp": "こんにちは。公園のベンチが壊れています。",
    "cp932": "こんにちは。公園のベンチが壊れています。",
    "cp949": "안녕하세요. 공원 벤치가 부서졌습니다. 언제 고칠 수 있습니까?",
    "cp1251": "Здравствуйте! Скамейка в парке сломана, когда её починят?",
    "koi8-r": "Здравствуйте! Скамейка в парке сломана, когда её починят?",
    "cp1253": "Καλημέρα, το παγκάκι στο πάρκο έχει σπάσει.",
    "cp1255": "שלום, הספסל בפארק שבור. מתי תתקנו אותו?",
    "cp1256": "السلام عليكم، المقعد في الحديقة مكسور",
    "cp874": "สวัสดีครับ ม้านั่งในสวนสาธารณะพังแล้ว",
}


@pytest.mark.parametrize("label", ["", "us-ascii", "x-nobody-knows", "iso-8859-1", "utf-8"])
@pytest.mark.parametrize("charset", WRITTEN)
def test_other_scripts_are_found_without_a_true_label(charset: str, label: str) -> None:
    text = WRITTEN[charset]
    assert decode(text.encode(charset), label) == (text, False)
    assert decode((text * 900).encode(charset), label)[0].startswith(text)  # the sample ends anywhere


@pytest.mark.parametrize(
    "text",
    ["ÄÖÜ äöü ßß", "Žluťoučký kůň", "¿Qué?", "ÉTÉ À ÊTRE, ÇA Y EST", "«Où?» – “là”", "æøå ÆØÅ", "Łódź, żółć"],
)
def test_western_text_stays_western(text: str) -> None:
    for charset in ("cp1252", "cp1250"):
        octets = text.encode(charset, "ignore")
        assert decode(octets, charset) == (octets.decode(charset), True)
    octets = text.encode("cp1252", "ignore")
    assert decode(octets, "")[0] == octets.decode("cp1252")


@given(
    st.binary(max_size=80),
    st.sampled_from(["", "utf-8", "utf-16", "gb2312", "iso-2022-jp", "hz", "utf-7", "?"]),
)
def test_any_octets_become_whole_text(data: bytes, label: str) -> None:
    decode(data, label)[0].encode("utf-8")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?utf-8?b?R3LDvMM=?= =?utf-8?b?n2U=?=", "Grüße"),  # split inside a character
        (b"=?utf-8?q?Gr=C3?=\t =?UTF-8?q?=BC=C3=9Fe?= you", "Grüße you"),
        (b"a =?utf-8?q?b?= c =?utf-8?q?d?= =?iso-8859-1?q?=E4?=", "a b c dä"),
        ("Grüße roh".encode(), "Grüße roh"),
        ("Grüße roh".encode("latin-1"), "Grüße roh"),
        (b"=?gb2312?b?" + b64encode("鎔基".encode("gbk")) + b"?=", "鎔基"),
        (b"=?utf-8*de?q?hallo_du?=", "hallo du"),
        (b"=?utf-8?b?aGFsbG8?=", "hallo"),  # without padding
        (b"=?nobody?q?x=E4?=", "xä"),
        (b"=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        (b"=?utf-8?q?a=0D=0ABcc:_x@y?=", "a Bcc: x@y"),
        ("a\u202eb\u200bc\u2066d".encode(), "abcd"),
        (b"", ""),
    ],
)
def test_header_words(value: bytes, text: str) -> None:
    assert header_text(value) == text


@given(
    st.binary(max_size=200)
    | st.text(max_size=80).map(lambda t: f"=?utf-8?b?{b64encode(t.encode()).decode()}?=".encode())
)
def test_a_header_is_one_harmless_line(value: bytes) -> None:
    text = header_text(value, 50)
    assert len(text) <= 50 and text == text.strip()
    assert all(unicodedata.category(c) not in ("Cc", "Zl", "Zp", "Cs") for c in text)
    assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b")


@given(
    st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=30),
    st.integers(1, 20),
)
def test_words_split_anywhere_are_joined(text: str, size: int) -> None:
    octets = text.encode()
    pieces = [octets[i : i + size] for i in range(0, len(octets), size)]
    value = b"\r\n ".join(b"=?utf-8?b?" + b64encode(p) + b"?=" for p in pieces).replace(b"\r\n", b"")
    assert header_text(value) == one_line(text, 2_000)


def test_body_text_keeps_its_lines_and_loses_controls() -> None:
    assert plain("a\r\nb\rc\u2028d\x00e\tf\x1bg") == "a\nb\nc\nde\tfg"

"""Names of attachments that leave their folder, hide their suffix or overwrite another file.

FreeScout checked a name and normalised it afterwards, so that a zero-width character before
`.htaccess` passed the check and was gone when the file was written (CVE-2026-28289).  Here every
rule holds for what is left after the last normalisation, whatever a mail called its part, a browser the
file that it sent, or an officer the one that a citizen takes home.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email.parse import read
from bridge.forms.downloads import disposition
from bridge.formstore import PageFile
from bridge.names import MAX_NAME, clean_name
from tests.email.mails import multipart
from tests.email.samples import PLAIN
from tests.forms.a_case import put
from tests.forms.site import PDF, Site, site
from tests.forms.walking import ANSWERS, to_question

HOSTILE = [
    *(
        ".htaccess",
        "\u200b.htaccess",
        "\u200b\u200d.\u2060htaccess",
        "\ufeff..\ufeff/\ufeffetc/passwd",
        ".\u200b./x",
    ),
    *(
        "../../etc/passwd",
        "..\\..\\windows\\win.ini",
        "/etc/passwd",
        "C:\\x.exe",
        "\\\\host\\share\\x",
        "file:///x",
    ),
    *("....//....//x", "..%2f..%2fx", "a/../../b", "./.ssh/authorized_keys", "~/.profile", "~root", "-rf"),
    *("x.pdf\x00.exe", "x\r\nSet-Cookie: a=b", "x\n.exe", "x\t.exe", "\x1b[2Jx", "x\x7f"),
    *("invoice\u202efdp.exe", "\u2066x\u2069.exe", "x\u200e.exe", "x.exe\u3164", "x\u115f.exe"),
    *("a\uff0fb", "a\u2044b", "a\u2215b", "a\uff3cb", "\uff0e\uff0e/x", "\u2024\u2024/x", "．．＼x"),
    *(
        "CON",
        "con.txt",
        "NUL",
        "aux.",
        "com1.log",
        "LPT9",
        "PRN .txt",
        "x.",
        "x ",
        "x. . .",
        " x",
        "...",
        ".",
        "..",
        "",
    ),
    *("x:y", "x<y>z", 'x"y', "x|y", "x?y", "x*y", "x::$DATA", "<img src=x onerror=alert(1)>.png"),
    *("e\u0301.txt", "ﬁle.pdf", "A" * 500 + ".pdf", "ä" * 300 + ".pdf", "😀" * 200, "x." + "y" * 300),
    *("\ud800x", "\U000e0001x", "x\U000f0000y", "\u180ex", "x\u034f.exe", "x\u2028y", "x\u2029y", "x\x85y"),
]
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f/\\<>:"|?*\u2044\u2215\uff0f\uff3c]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)( *\..*)?", re.IGNORECASE)


def sound(name: str) -> None:
    """What every stored and shown name keeps."""
    assert name and len(name) <= MAX_NAME and len(name.encode("utf-8")) <= 255
    assert not _FORBIDDEN.search(name) and not _DEVICE.fullmatch(name)
    assert not name.startswith((".", "~", " ")) and not name.endswith((".", " "))
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for c in name)
    assert unicodedata.normalize("NFC", name) == name
    assert PurePosixPath(name).name == name and PureWindowsPath(name).name == name
    assert not PureWindowsPath(name).drive


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_made_harmless(name: str) -> None:
    cleaned = clean_name(name)
    sound(cleaned)
    assert clean_name(cleaned) == cleaned, "nothing is left to normalise"


@given(st.text(max_size=60) | st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join))
def test_any_name_is_made_harmless(name: str) -> None:
    cleaned = clean_name(name)
    sound(cleaned)
    assert clean_name(cleaned) == cleaned


def spellings(name: str) -> list[str]:
    """The ways in which a mail can say a file's name."""
    octets = name.encode("utf-8", "surrogatepass")
    plain = name.encode("utf-8", "replace").decode().replace("\\", "\\\\").replace('"', '\\"')
    plain = re.sub(r"[\r\n]", " ", plain)
    return [
        f"Content-Disposition: attachment; filename*=utf-8''{quote(octets, safe='')}",
        f'Content-Disposition: attachment; filename="=?utf-8?b?{b64encode(octets).decode()}?="',
        f'Content-Disposition: attachment; filename="{plain}"',
        f"Content-Type: application/pdf; name*0*=utf-8''{quote(octets[:3], safe='')}; "
        f"name*1*={quote(octets[3:], safe='')}",
    ]


@pytest.mark.parametrize("name", HOSTILE)
def test_however_a_mail_spells_it(name: str) -> None:
    parts = [f"{head}\nContent-Transfer-Encoding: base64\n\nJVBERi0x".encode() for head in spellings(name)]
    got = read(multipart("mixed", PLAIN + "x", *parts))
    names = [file.name for file in got.attachments]
    assert len(names) == len(parts), "no file is lost for its name"
    for one in names:
        sound(one)
    assert len({one.casefold() for one in names}) == len(names), "none overwrites another"


def test_names_that_differ_only_in_what_is_not_seen_stay_apart() -> None:
    twins = ["plan.pdf", "pl\u200ban.pdf", "PLAN.pdf", "x/plan.pdf", "plan.pdf.", "plan (2).pdf"]
    parts = [f"{spellings(name)[0]}\n\n%PDF-1 {n}".encode() for n, name in enumerate(twins)]
    got = read(multipart("mixed", PLAIN + "x", *parts))
    names = [file.name.casefold() for file in got.attachments]
    assert len(set(names)) == len(twins) and all(name.endswith(".pdf") for name in names)


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("plan.pdf\u200b.exe", "plan.pdf.exe"),
        ("plan.pdf     .exe", "plan.pdf.exe"),
    ],
)
def test_the_real_suffix_is_what_is_seen(name: str, seen: str) -> None:
    got = read(multipart("mixed", PLAIN + "x", f"{spellings(name)[0]}\n\nMZ\x00".encode()))
    assert [(file.name, file.mime) for file in got.attachments] == [(seen, "application/octet-stream")]


# ------------------------------------------------------------------ on the citizens' pages


async def uploaded(s: Site, action: str, head: bytes) -> int:
    """The status of the answer to one file whose part begins with `head`."""
    body = b'--b\r\nContent-Disposition: form-data; name="_do"\r\n\r\nadd\r\n--b\r\n' + head
    body += b"\r\n\r\n" + PDF + str(s.store.last_id).encode() + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    async with s.browser.session.post(s.browser.root + action, data=body, headers=headers) as answer:
        return answer.status


def posted(name: str) -> list[bytes]:
    """The ways in which a browser or a program says a file's name (RFC 7578, section 4.2)."""
    octets = re.sub(rb"[\r\n\x00]", b" ", name.encode("utf-8", "replace"))
    quoted = octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    percent = re.sub(rb'["]', b"%22", octets)
    head = b'Content-Disposition: form-data; name="papers"; filename'
    return [
        head + b'="' + quoted + b'"',
        head + b'="' + percent + b'"',
        head + b"*=utf-8''" + quote(name.encode("utf-8", "replace"), safe="").encode(),
    ]


async def test_however_a_browser_spells_it() -> None:
    async with site() as s:
        page = await to_question(s, "everything", "papers", **ANSWERS)
        (draft,) = s.store.drafts
        for name in HOSTILE:
            for head in posted(name):
                assert await uploaded(s, page.forms[0].action, head) in (200, 400), head
                for file in s.store.drafts[draft].files:
                    sound(file.name)
                    await s.store.drop_file(draft, file.id)
        assert s.store.last_id > len(HOSTILE), "files did come in"


async def test_a_citizen_reads_the_name_that_is_stored() -> None:
    async with site() as s:
        page = await to_question(s, "everything", "papers", **ANSWERS)
        page = await s.browser.submit(page, "add", [("papers", "inv\u202efdp.exe", "application/pdf", PDF)])
        assert "invfdp.exe" in page.text() and "\u202e" not in page.html


def names_in(header: str) -> list[str]:
    """What programs read as the name: the plain form, and the one in UTF-8."""
    plain = re.fullmatch(r'attachment; filename="([ -~]*)"(?:; filename\*=UTF-8\'\'([!-~]+))?', header)
    assert plain, header
    return [name for name in (plain[1], unquote(plain[2] or "", errors="strict")) if name]


@given(st.text(max_size=60) | st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join))
def test_any_name_of_a_download_is_one_line_and_harmless(name: str) -> None:
    plain, *encoded = names_in(disposition(name))
    assert "\\" not in plain and "/" not in plain and not plain.startswith((".", "~"))
    for one in encoded:
        sound(one)
        assert one == clean_name(name)


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_file_of_staff_is_taken_home_under_a_harmless_name(name: str) -> None:
    """Whatever the ledger holds: it is cleaned once more on its way out."""
    async with site() as s:
        address = put(s)
        s.store.page_files[(4, 77)] = (PageFile(77, name, "application/pdf", len(PDF)), PDF)
        async with s.browser.session.get(f"{s.browser.root}{address}/file/77") as answer:
            assert answer.status == 200 and await answer.read() == PDF
            *_, shown = names_in(answer.headers["Content-Disposition"])
            sound(shown)

"""Calendar parts in one line per event: what Outlook, Google and Apple send, replies, and junk."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email.calendar import MAX_BYTES, Invitation, describe, invitations

OUTLOOK = """\
BEGIN:VCALENDAR
METHOD:REQUEST
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
ORGANIZER;CN=Ada Citizen:mailto:ada@home.example
ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=park@alder
 .example:mailto:park@alder.example
DESCRIPTION;LANGUAGE=de-DE:Wir treffen uns am Tor.\\n
UID:040000008200E00074C5B7101A82E008
SUMMARY;LANGUAGE=de-DE:Rundgang im Park\\, mit Gästen
DTSTART;TZID=W. Europe Standard Time:20270503T100000
DTEND;TZID=W. Europe Standard Time:20270503T113000
CLASS:PUBLIC
LOCATION;LANGUAGE=de-DE:Südtor\\; beim Brunnen
BEGIN:VALARM
DESCRIPTION:REMINDER
SUMMARY:not this
TRIGGER;RELATED=START:-PT15M
DURATION:PT5M
ACTION:DISPLAY
END:VALARM
END:VEVENT
END:VCALENDAR
"""

GOOGLE = """\
BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:CANCEL
BEGIN:VEVENT
DTSTART:20270503T080000Z
DTEND:20270504T093000Z
DTSTAMP:20270401T120000Z
ORGANIZER;CN=Ada Citizen:mailto:ada@home.example
UID:abc@google.example
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;X-NUM-GUESTS=0:mailto:x@alder.example
SUMMARY:Walk in the park
STATUS:CANCELLED
END:VEVENT
END:VCALENDAR
"""

APPLE = """\
BEGIN:VCALENDAR
CALSCALE:GREGORIAN
PRODID:-//Apple Inc.//macOS 14.0//EN
VERSION:2.0
METHOD:REQUEST
BEGIN:VEVENT
DTSTART;VALUE=DATE:20270503
DTEND;VALUE=DATE:20270506
SUMMARY:Three days in the park
ORGANIZER;CN="Citizen, Ada";EMAIL="ada@home.example":mailto:ada@home.example
LOCATION:South gate\\nAlder City
RRULE:FREQ=SECONDLY
END:VEVENT
END:VCALENDAR
"""


def ics(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def event(*lines: str, method: str = "REQUEST") -> bytes:
    head = ["BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT"]
    return ics("\n".join([*head, *lines, "END:VEVENT", "END:VCALENDAR", ""]))


def times(*lines: str) -> tuple[str, str, str]:
    (found,) = invitations(event("SUMMARY:x", *lines))
    return found.start, found.end, found.zone


@pytest.mark.parametrize(
    ("sample", "lines"),
    [
        (
            OUTLOOK,
            "REQUEST · Rundgang im Park, mit Gästen · 2027-05-03 10:00–11:30 Europe/Berlin"
            " · Südtor; beim Brunnen · Ada Citizen <ada@home.example>",
        ),
        (
            GOOGLE,
            "CANCEL · Walk in the park · 2027-05-03 08:00–2027-05-04 09:30 UTC"
            " · Ada Citizen <ada@home.example>",
        ),
        (
            APPLE,
            "REQUEST · Three days in the park · 2027-05-03–2027-05-05 ↻"
            " · South gate Alder City · Citizen, Ada <ada@home.example>",
        ),
    ],
)
def test_what_the_great_three_send(sample: str, lines: str) -> None:
    assert describe(ics(sample)) == (lines,)
    assert describe(sample.encode()) == (lines,)
    assert describe(sample.replace("\n", "\r").encode()) == (lines,)
    assert describe(b"\xef\xbb\xbf" + ics(sample)) == (lines,)
    assert describe(ics(sample.lower().replace("method", "Method"))) != ()


def test_the_pieces() -> None:
    assert invitations(ics(OUTLOOK)) == (
        Invitation(
            method="REQUEST",
            summary="Rundgang im Park, mit Gästen",
            start="2027-05-03 10:00",
            end="2027-05-03 11:30",
            where="Südtor; beim Brunnen",
            organiser="Ada Citizen <ada@home.example>",
            zone="Europe/Berlin",
        ),
    )
    assert "Rundgang" not in repr(invitations(ics(OUTLOOK)))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["DTSTART:20270503T100000"], ("2027-05-03 10:00", "", "")),
        (["DTSTART:20270503T100000Z"], ("2027-05-03 10:00", "", "UTC")),
        (["DTSTART:20270503T100000", "DTEND:20270503T100000"], ("2027-05-03 10:00", "", "")),
        (["DTSTART:20270503T233000", "DURATION:PT1H"], ("2027-05-03 23:30", "2027-05-04 00:30", "")),
        (["DTSTART:20270503T100000", "DURATION:-PT1H"], ("2027-05-03 10:00", "", "")),
        (["DTSTART:20270503T100000", "DURATION:P" + "9" * 30 + "D"], ("2027-05-03 10:00", "", "")),
        (["DTSTART:20270503T100000", "DURATION:PT1H5X"], ("2027-05-03 10:00", "", "")),
        (["DTSTART;VALUE=DATE:20270503"], ("2027-05-03", "", "")),
        (["DTSTART;VALUE=DATE:20270503", "DTEND;VALUE=DATE:20270504"], ("2027-05-03", "", "")),
        (["DTSTART;VALUE=DATE:20270503", "DURATION:P2D"], ("2027-05-03", "2027-05-04", "")),
        (["DTSTART;VALUE=DATE:99991231", "DURATION:P2D"], ("9999-12-31", "", "")),
        (["DTSTART;VALUE=DATE:00010102", "DTEND;VALUE=DATE:00010101"], ("0001-01-02", "", "")),
        (["DTSTART;TZID=Europe/Berlin;X=" + "x" * 1_000 + ":20270503T100000"], ("", "", "")),
        (["DTSTART:20270231T100000"], ("", "", "")),
        (["DTSTART:20270503T250000"], ("", "", "")),
        (["DTSTART:٢٠٢٧٠٥٠٣T100000"], ("", "", "")),
        (["DTSTART:tomorrow", "DTEND:20270503T100000"], ("", "2027-05-03 10:00", "")),
        ([], ("", "", "")),
        (
            ["DTSTART;TZID=Europe/Berlin:20270503T100000", "DTEND;TZID=Asia/Tokyo:20270504T080000"],
            ("2027-05-03 10:00", "2027-05-04 08:00 Asia/Tokyo", "Europe/Berlin"),
        ),
        (
            ["DTSTART;TZID=Romance Standard Time:20270503T100000", "DURATION:PT30M"],
            ("2027-05-03 10:00", "2027-05-03 10:30", "Europe/Paris"),
        ),
        (
            ['DTSTART;TZID="(UTC+01:00) Amsterdam, Berlin":20270503T100000'],
            ("2027-05-03 10:00", "", "(UTC+01:00) Amsterdam, Berlin"),
        ),
        (
            ["DTSTART;TZID=/softwarestudio.example/20270101_1/America/Argentina/Salta:20270503T100000"],
            ("2027-05-03 10:00", "", "America/Argentina/Salta"),
        ),
        (
            ["DTSTART;TZID=/home.example/Tzfile/Europe/Berlin:20270503T100000"],
            ("2027-05-03 10:00", "", "Europe/Berlin"),
        ),
    ],
)
def test_times(lines: list[str], expected: tuple[str, str, str]) -> None:
    assert times(*lines) == expected


def test_a_reply_says_what_was_answered() -> None:
    lines = ("SUMMARY:Walk", "ATTENDEE;PARTSTAT=declined:mailto:park@alder.example")
    assert describe(event(*lines, method="reply")) == ("REPLY DECLINED · Walk",)
    assert describe(event(*lines, method="REQUEST")) == ("REQUEST · Walk",)
    assert describe(event("SUMMARY:Walk", "ATTENDEE;PARTSTAT=PERHAPS:x", method="BOMB")) == ("Walk",)


@pytest.mark.parametrize(
    ("line", "organiser"),
    [
        ("ORGANIZER:MAILTO:ada@home.example", "ada@home.example"),
        ("ORGANIZER;CN=ada@home.example:mailto:ada@home.example", "ada@home.example"),
        ("ORGANIZER;CN=Ada:urn:uuid:1", "Ada"),
        ("ORGANIZER;CN=Citizen,Ada:mailto:a@b.example", "Citizen, Ada <a@b.example>"),
        ("ORGANIZER:", ""),
    ],
)
def test_organisers(line: str, organiser: str) -> None:
    assert invitations(event("SUMMARY:x", line))[0].organiser == organiser


def test_a_fold_inside_a_character_is_undone() -> None:
    raw = event("SUMMARY:Gästebuch").replace("ä".encode(), b"\xc3\r\n \xa4")
    assert describe(raw) == ("REQUEST · Gästebuch",)
    assert describe(event("SUMMARY:Gästebuch").replace("ä".encode(), b"\xe4")) == ("REQUEST · Gästebuch",)


def test_nothing_invisible_and_no_second_line_comes_through() -> None:
    found = describe(event("SUMMARY:a\\nb\u202ec\u200bd\x00e\x1b[1m", "LOCATION:" + "x" * 5_000))
    assert found == ("REQUEST · a bcde[1m · " + "x" * 200,)


def test_events_are_counted_and_size_is_limited() -> None:
    one = "BEGIN:VEVENT\nSUMMARY:number {}\nEND:VEVENT\n"
    many = "BEGIN:VCALENDAR\n" + "".join(one.format(n) for n in range(50)) + "END:VCALENDAR\n"
    assert describe(ics(many)) == tuple(f"number {n}" for n in range(20))
    padded = ics(OUTLOOK).ljust(MAX_BYTES, b"\n")
    assert len(describe(padded)) == 1
    assert describe(padded + b"\n") == ()


def test_a_time_zone_of_the_mail_is_not_kept_for_the_next() -> None:
    lines = ("SUMMARY:x", "DTSTART;TZID=Alder/Square:20270503T100000")
    zone = "BEGIN:VTIMEZONE\nTZID:Alder/Square\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
    zone += "RRULE:FREQ=SECONDLY\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n"
    bomb = event(*lines).replace(b"BEGIN:VEVENT", ics(zone) + b"BEGIN:VEVENT")
    assert describe(bomb) == describe(event(*lines)) == ("REQUEST · x · 2027-05-03 10:00 Alder/Square",)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"words",
        b"BEGIN:VEVENT",
        b"BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nSUMMARY:x\r\nEND:VTODO\r\nEND:VCALENDAR\r\n",
        b"SUMMARY:x",
        b"END:VEVENT\r\nSUMMARY:x",
        b"BEGIN:VALARM\r\n" * 20 + b"BEGIN:VEVENT\r\nSUMMARY:x\r\n",
        b"BEGIN:VEVENT\r\nLOCATION:nothing happens\r\nEND:VEVENT",
        b"BEGIN:VEVENT\r\nSUMMARY;;;==:x\r\nDTSTART;TZID:\r\nEND:VEVENT",
        b"\xff\xfe\x00" * 1_000,
    ],
)
def test_junk_is_no_event(data: bytes) -> None:
    assert invitations(data) == ()


def test_what_is_cut_short_is_still_shown() -> None:
    assert describe(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Walk\nDTSTA") == ("Walk",)


@pytest.mark.parametrize(
    "line",
    [
        b"ATTENDEE;CN=a:mailto:a@b.example\n",
        b"BEGIN:X\nEND:X\n",
        b"\n ",
        b"SUMMARY;" + b"a=b;" * 900 + b"\n",
        b"\\,",
    ],
)
def test_a_full_part_of_anything_ends(line: bytes) -> None:
    start = b"BEGIN:VEVENT\nSUMMARY:x\n"
    data = start + line * ((MAX_BYTES - len(start)) // len(line))
    assert 1 <= len(describe(data)) <= 20


_PIECES = st.sampled_from(
    [
        *OUTLOOK.splitlines(),
        *APPLE.splitlines(),
        "DTSTART",
        ";",
        ":",
        "=",
        '"',
        "\\",
        "\n",
        " ",
        "TZID=",
        "P1D",
        "٣",
    ]
)


@given(
    st.binary() | st.builds(lambda p: "\n".join(p).encode(), st.lists(_PIECES)) | st.text().map(str.encode)
)
def test_no_octets_raise(data: bytes) -> None:
    for prefix in (
        b"",
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nDTSTART",
        b"BEGIN:VEVENT\nDURATION:",
        b"RRULE",
    ):
        found = describe(prefix + data)
        assert len(found) <= 20
        assert all("\n" not in line and len(line) < 1_500 for line in found)

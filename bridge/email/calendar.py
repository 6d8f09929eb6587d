"""What a calendar part says, for people who read it in a chat: one line per event, in no language.

    REQUEST · Walk in the park · 2027-05-03 10:00–11:30 Europe/Berlin · South gate · Ada Citizen <ada@…>

Only the lines that are shown are looked at (RFC 5545, with the library's grammar): no recurrence is
expanded, no time is converted, and no time zone is built from what a mail says of one – the library
would keep it for the mails that follow.  So the cost is the size, and local times stay as written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from icalendar import vDuration
from icalendar.parser import Contentline
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from bridge.email.encoded import decode, one_line

MAX_BYTES = 1_000_000
MAX_EVENTS = 20
_MAX_DEPTH = 8  # an event holds alarms, and those nothing
_MAX_LINE = 1_000  # characters of one property that are read
_MAX_SHOWN = 200  # characters of one piece


@dataclass(frozen=True, slots=True)
class Invitation:
    """One event.  What is unknown is "".

    `method` is that of the calendar (RFC 5546: REQUEST, CANCEL, REPLY …), `answer` what a REPLY says
    (ACCEPTED, DECLINED, TENTATIVE …).  `start` and `end` are `2027-05-03 10:00`, or `2027-05-03` for
    whole days, of which `end` is the last one; an `end` like `start` is left out.  They are local times
    of `zone`: an IANA name where the sender's is known, else as the sender wrote it, "" for a floating
    time; an end elsewhere says so itself.  `repeats`: these are the times of the first of several.
    """

    method: str
    summary: str = field(repr=False)
    start: str
    end: str
    where: str = field(repr=False)
    organiser: str = field(repr=False)
    zone: str = ""
    answer: str = ""
    repeats: bool = False


def describe(data: bytes) -> tuple[str, ...]:
    """A line for each event of `invitations`."""
    return tuple(_line(invitation) for invitation in invitations(data))


def invitations(data: bytes) -> tuple[Invitation, ...]:
    """The first 20 events of a text/calendar part without its transfer encoding; () above 1 MB.

    Total: what cannot be read is left out, and junk is ().  All pieces are single lines without
    anything invisible.
    """
    if len(data) > MAX_BYTES:
        return ()
    method, events = _calendar(data)
    return tuple(_invitation(method, event) for event in events if _says(event))


# ------------------------------------------------------------------ content lines


@dataclass(frozen=True, slots=True)
class _Property:
    value: str = ""
    parameters: dict[str, str] = field(default_factory=dict)


_Properties = dict[str, _Property]
_NONE = _Property()
_SHOWN = re.compile(
    r"^(BEGIN|END|METHOD|SUMMARY|DTSTART|DTEND|DURATION|LOCATION|ORGANIZER|ATTENDEE|RRULE|RDATE)[ \t]*[;:].*",
    re.I | re.M,
)
_FOLD = re.compile(rb"\n[ \t]")
_METHODS = frozenset({"PUBLISH", "REQUEST", "REPLY", "ADD", "CANCEL", "REFRESH", "COUNTER", "DECLINECOUNTER"})
_ANSWERS = frozenset({"ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"})


def _calendar(data: bytes) -> tuple[str, list[_Properties]]:
    """The calendar's method, and the properties of each event."""
    method = ""
    inside: list[str] = []
    events: list[dict[str, str]] = []
    for name, line in _lines(data):
        if name == "BEGIN":
            inside.append(line.partition(":")[2].strip().upper())
            events += [{}] if inside[-1] == "VEVENT" else []
        elif name == "END":
            del inside[-1:]
        elif name == "METHOD":
            method = method or _token(line.partition(":")[2], _METHODS)
        elif inside[-1:] == ["VEVENT"]:
            events[-1].setdefault(name, line)  # the first of each name
        if len(inside) > _MAX_DEPTH or len(events) > MAX_EVENTS:
            break
    return method, [{name: _parsed(line) for name, line in e.items()} for e in events[:MAX_EVENTS]]


def _lines(data: bytes) -> Iterator[tuple[str, str]]:
    # Folds may fall inside a character, so they are taken out of the octets.
    unfolded = _FOLD.sub(b"", data.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    for match in _SHOWN.finditer(decode(unfolded, "utf-8")[0]):
        yield match[1].upper(), match[0][:_MAX_LINE]


def _parsed(line: str) -> _Property:
    try:
        _, parameters, value = Contentline(line).parts()  # type: ignore[no-untyped-call]
    except ValueError:  # no content line: nothing is known of this property
        return _NONE
    return _Property(
        value, {str(k).upper(): v if isinstance(v, str) else ", ".join(v) for k, v in parameters.items()}
    )


# ------------------------------------------------------------------ one event


def _says(event: _Properties) -> bool:
    return any(event.get(name, _NONE).value.strip() for name in ("SUMMARY", "DTSTART"))


def _invitation(method: str, event: _Properties) -> Invitation:
    first = event.get("DTSTART", _NONE)
    start, zone = _time(first.value), _zone(first)
    end, end_zone = _end(event, start), _zone(event.get("DTEND", first))
    elsewhere = end_zone if end_zone != zone and isinstance(end, datetime) else ""
    return Invitation(
        method=method,
        summary=_text(event.get("SUMMARY", _NONE).value),
        start=_written(start),
        end="" if end in (None, start) else f"{_written(end)} {elsewhere}".rstrip(),
        where=_text(event.get("LOCATION", _NONE).value),
        organiser=_person(event.get("ORGANIZER", _NONE)),
        zone=zone if isinstance(start, datetime) else "",
        answer=_answer(event) if method == "REPLY" else "",
        repeats="RRULE" in event or "RDATE" in event,
    )


_DAY = re.compile(r"[0-9]{8}")
_MOMENT = re.compile(r"[0-9]{8}T[0-9]{6}Z?")


def _time(value: str) -> date | None:
    """A `datetime` or a `date` (RFC 5545 sections 3.3.4 and 3.3.5)."""
    value = value.strip().upper()
    try:
        if _MOMENT.fullmatch(value):
            return datetime.fromisoformat(value.removesuffix("Z"))
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:  # the 31st of February
        return None
    return None


def _end(event: _Properties, start: date | None) -> date | None:
    """The end as people say it: whole days end on their last one, not before the next (section 3.6.1)."""
    end = _time(event.get("DTEND", _NONE).value)
    try:
        if end is None and start is not None:
            end = start + _lasts(event.get("DURATION", _NONE).value)
        whole_day = end is not None and not isinstance(end, datetime)
        if end is not None and whole_day and end != start:
            end -= timedelta(days=1)
    except OverflowError:  # beyond the year 9999, or before the year 1
        return None
    return end


def _lasts(value: str) -> timedelta:
    try:
        lasts: timedelta = vDuration.from_ical(value.strip()[:40])  # type: ignore[no-untyped-call]
    except (ValueError, OverflowError):
        return timedelta()
    return max(lasts, timedelta())


def _zone(moment: _Property) -> str:
    if moment.value.strip().upper().endswith("Z"):
        return "UTC"
    name = one_line(moment.parameters.get("TZID", ""), 60).strip('"')
    if name.startswith("/"):  # /vendor.example/20270101/Europe/Berlin (section 3.2.19)
        name = "/".join(part for part in name.split("/") if part[:1].isupper() and part != "Tzfile")
    return str(WINDOWS_TO_OLSON.get(name, name))


def _person(property_: _Property) -> str:
    address = property_.value.strip()
    address = address[7:] if address.lower().startswith("mailto:") else ""
    name, address = _text(property_.parameters.get("CN", "").strip('"')), _text(address)
    return f"{name} <{address}>" if name and address and name != address else name or address


def _answer(event: _Properties) -> str:
    said = event.get("ATTENDEE", _NONE).parameters.get("PARTSTAT", "")
    return _token(said, _ANSWERS)


def _token(value: str, known: frozenset[str]) -> str:
    token = value.strip().upper()
    return token if token in known else ""


def _text(value: str) -> str:
    return one_line(value, _MAX_SHOWN)


# ------------------------------------------------------------------ in words


def _written(when: date | None) -> str:
    if isinstance(when, datetime):
        return when.isoformat(" ", "minutes")
    return when.isoformat() if when else ""


def _line(event: Invitation) -> str:
    end = event.end.removeprefix(event.start[:11]) if len(event.start) > 10 else event.end
    when = f"{event.start}–{end}" if end else event.start
    when = f"{when} {event.zone}".strip() + (" ↻" if event.repeats else "")
    what = f"{event.method} {event.answer}".strip()
    pieces = (what, event.summary, when, event.where, event.organiser)
    return " · ".join(piece for piece in pieces if piece)

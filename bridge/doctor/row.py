"""One line of what `folkmoot check` found, and the records that it tells people to publish."""

from __future__ import annotations

from dataclasses import dataclass

_STRING = 255  # octets of one string of a TXT record (RFC 1035 section 3.3)
_TTL = 3600  # seconds


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    `ok` is None when it could not be looked at, or is not ours to mend; `said` tells which.
    `remedy` may stand beside a `True` too: it is advice then.  `zone` are lines for the
    domain's zone file, whole and ready to be copied.
    """

    name: str
    ok: bool | None
    said: str
    remedy: str = ""
    zone: str = ""

    @property
    def advice(self) -> str:
        """The remedy with the lines of `zone` below it."""
        return "\n".join(part for part in (self.remedy, self.zone) if part)


def record(name: str, kind: str, value: str) -> str:
    """A record as a zone file has it (RFC 1035 section 5.1)."""
    return f"{name}. {_TTL} IN {kind} {value}"


def text_record(name: str, value: str) -> str:
    """A TXT record, in strings that DNS can hold."""
    pieces = [value[at : at + _STRING] for at in range(0, len(value), _STRING)]
    quoted = (piece.replace("\\", "\\\\").replace('"', '\\"') for piece in pieces)
    return record(name, "TXT", " ".join(f'"{piece}"' for piece in quoted))

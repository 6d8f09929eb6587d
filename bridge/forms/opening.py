"""When a form opens and closes: a day alone, or a moment."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?)?", re.ASCII)


def moment(value: Any) -> date | datetime:
    """`2027-05-31` or `2027-05-31T17:00`, with seconds or an offset or without.  Raises
    `PydanticCustomError`."""
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    try:
        if not found or not "1970" <= found[1] < "9000":
            raise ValueError("form")  # noqa: TRY301 – said in the words below
        return date.fromisoformat(found[1]) if not found[2] else datetime.fromisoformat(found[0])
    except ValueError:
        remedy = "write a day such as 2027-05-31, or a moment such as 2027-05-31T17:00"
        raise PydanticCustomError("moment", "is not a day or moment", {"remedy": remedy}) from None


def zone(name: str) -> tzinfo:
    """The time zone of the IANA database.  Raises `PydanticCustomError`."""
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        remedy = "write one such as Europe/Berlin"
        raise PydanticCustomError("timezone", "is not a time zone known here", {"remedy": remedy}) from None


def _zone_name(name: str) -> str:
    zone(name)
    return name


def at(when: date | datetime, where: tzinfo, *, closes: bool) -> datetime:
    """The moment itself, in `where`.  A day alone opens at its beginning and closes at its end."""
    if not isinstance(when, datetime):
        return datetime.combine(when + timedelta(days=int(closes)), datetime.min.time(), where)
    return when.astimezone(where) if when.tzinfo else when.replace(tzinfo=where)


Moment = Annotated[date | datetime, BeforeValidator(moment, json_schema_input_type=str)]
"""A `date` is a whole day; a `datetime` without offset is one in the form's time zone."""

ZoneName = Annotated[str, AfterValidator(_zone_name)]

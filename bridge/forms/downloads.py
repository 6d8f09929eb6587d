"""What leaves the pages as a file: names, types, and everything about one submission in one piece.

Nothing that is downloaded is ever shown inside a page of ours: it always goes as an attachment, and
as what a browser does not run (CVE-2023-41318).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from bridge.forms.fields import FILE_TYPES
from bridge.forms.receipt import digest
from bridge.formstore import CasePage, PageEntry
from bridge.names import OPAQUE, believed_type, clean_name

HEAD = 4096
"""Bytes from which a type is told."""

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+ ")
_ATTRIBUTE = "!#$&+-.^_`|~"  # `attr-char` of RFC 8187, section 3.2.1, beside letters and digits


def disposition(name: str) -> str:
    """The `Content-Disposition` of a download called `name` (RFC 6266), cleaned.

    The plain form is for old programs; others read the one in UTF-8 (RFC 8187).
    """
    clean = clean_name(name)
    plain = "".join(c if c in _PLAIN else "_" for c in clean)
    if plain == clean:
        return f'attachment; filename="{plain}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(clean, safe=_ATTRIBUTE)}"


def safe_type(name: str, declared: str, data: bytes) -> str:
    """The type under which a file may go: a plainly harmless one that its bytes bear out, else
    `application/octet-stream`."""
    believed = believed_type(name, declared, data[:HEAD])
    return believed if believed in FILE_TYPES else OPAQUE


def whole(page: CasePage) -> bytes:
    """Everything that is known of a submission, for programs: JSON in UTF-8, keys in order.

    Times are ISO 8601 in UTC, sizes bytes.  `submission` is the receipt, `values` the answers by
    input as they are now, `history` what happened, oldest first.
    """
    content: Mapping[str, Any] = {
        "reference": page.reference,
        "form": page.form,
        "title": page.title,
        "consultation": page.slug,
        "language": page.language,
        "created": iso(page.created),
        "state": page.state,
        "answers_reach": page.reach,
        "address": page.address,
        "address_confirmed": page.confirmed,
        "submission": json.loads(page.receipt),
        "receipt_sha256": digest(page.receipt),
        "values": {k: list(v) for k, v in page.values.items()},
        "history": [_entry(e) for e in page.entries],
    }
    return json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"


def iso(at: int) -> str:
    """`at` (ms since 1970) in UTC."""
    return datetime.fromtimestamp(at // 1000, UTC).isoformat().replace("+00:00", "Z")


def _entry(entry: PageEntry) -> Mapping[str, Any]:
    return {
        "at": iso(entry.at),
        "kind": entry.kind,
        "who": entry.who,
        "organisation": entry.organisation,
        "text": entry.text,
        "files": [{"name": f.name, "type": f.mime, "size": f.size} for f in entry.files],
    }

"""Mails for the tests of this wing."""

from __future__ import annotations

DOMAIN = "consult.alder.example"
TOKEN = "a" + "abcdefghijklmnopqrstuvwxy2"


def mail(body: str | bytes = "Hello park.", **fields: str) -> bytes:
    """A plain mail with CRLF line ends; `message_id="<…>"` becomes the field Message-ID."""
    named = {"From": "Kim Doe <kim@example.org>", "Subject": "Benches", "Message-ID": "<1@example.org>"}
    for name, value in fields.items():
        named["-".join(part.capitalize() if part != "id" else "ID" for part in name.split("_"))] = value
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    octets = body.encode() if isinstance(body, str) else body
    return head.encode() + b"\r\n" + octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n"


def multipart(kind: str, *parts: str | bytes, boundary: str = "bb", **fields: str) -> bytes:
    """A multipart mail of parts that bring their own header blocks."""
    octets = [part.encode() if isinstance(part, str) else part for part in parts]
    marker = b"--" + boundary.encode()
    body = b"".join(marker + b"\n" + part + b"\n" for part in octets) + marker + b"--\n"
    return mail(body, **{**fields, "content_type": f'multipart/{kind}; boundary="{boundary}"'})

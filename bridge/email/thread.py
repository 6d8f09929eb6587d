"""Where a mail belongs: reply addresses with a token, and our own Message-IDs.

    park-2027+<token>@consult.alder.example

A token opens the case, it does not prove the person.  Only its hash is stored, by the ledger;
`bridge.replytoken` knows its form.  Letters may come back in any case.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode
from collections.abc import Sequence

from bridge.email.addresses import valid
from bridge.email.mail import Mail
from bridge.replytoken import LENGTH, VERSION, is_return, is_token

MAX_SLUG = 24
MAX_LOCAL = 64  # RFC 5321 section 4.5.3.1.1
_SLUG = re.compile(rf"[a-z0-9-]{{1,{MAX_SLUG}}}")
_OURS = re.compile(r"<([0-9a-z]+)\.([0-9a-z]+)\.([a-z2-7]{26})@([^<>\s@]+)>")


def reply_address(mailbox: str, token: str, domain: str, delimiter: str = "+") -> str:
    """The address whose mails carry `token`; raises `ValueError` for parts of a wrong form."""
    local = f"{mailbox}{delimiter}{token}"
    known = is_token(token) or is_return(token)
    if not _SLUG.fullmatch(mailbox) or not known or len(local) > MAX_LOCAL:
        raise ValueError("not a mailbox and a token")
    return f"{local}@{domain}"


def split(recipient: str, domain: str, delimiter: str = "+") -> tuple[str, str | None] | None:
    """Mailbox and token (or None) of an address at our `domain`; None for any other address.

    Both come back in lower case; the token is a reply token or that of a return path.  What
    stands behind the delimiter and is neither is a sub-address of no meaning; a delimiter that may
    stand in a mailbox splits only before a token.  `postmaster` needs no domain (RFC 5321
    section 4.5.1).
    """
    local, at, host = recipient.strip().lower().rpartition("@")
    if not at and host == "postmaster":
        return host, None
    if not local or host.rstrip(".") != domain.lower():
        return None
    mailbox, found, tail = local.rpartition(delimiter)
    if found and mailbox and (is_token(tail) or is_return(tail)):
        return mailbox, tail
    if not _SLUG.fullmatch(delimiter):
        local = local.partition(delimiter)[0] or local
    return local, None


def token_among(recipients: Sequence[str], mailbox: str, domain: str, delimiter: str = "+") -> str | None:
    """The first reply token for `mailbox` in a list of addresses."""
    for recipient in recipients:
        found = split(recipient, domain, delimiter)
        if found is not None and found[0] == mailbox and found[1] is not None and is_token(found[1]):
            return found[1]
    return None


def find_token(mail: Mail, mailbox: str, domain: str, delimiter: str = "+") -> str | None:
    """A token for `mailbox` that only the header fields still know.

    Forwarding hosts rewrite the envelope; Delivered-To and X-Original-To come first, then To
    and Cc.
    """
    return token_among((*mail.delivered_to, *mail.to, *mail.cc), mailbox, domain, delimiter)


def message_id(outbox: int, created: int, secret: bytes, domain: str) -> str:
    """The Message-ID of an outbox row: the same at every attempt, and not to be guessed.

    `created` (ms since 1970) keeps rows apart whose numbers repeat after a restored backup.
    """
    first, second = _base36(outbox), _base36(created)
    return f"<{first}.{second}.{_seal(first, second, secret)}@{domain}>"


def own_ids(references: Sequence[str], secret: bytes, domain: str) -> tuple[str, ...]:
    """Those of `references` that we made, in their order; a forged one is not among them."""
    own = []
    for reference in references:
        match = _OURS.fullmatch(reference.lower())
        if (
            match
            and match[4] == domain.lower()
            and hmac.compare_digest(match[3], _seal(match[1], match[2], secret))
        ):
            own.append(f"<{match[1]}.{match[2]}.{match[3]}@{domain}>")
    return tuple(dict.fromkeys(own))


def row_of(own: str) -> int:
    """The outbox ID in a Message-ID that `own_ids` says is ours."""
    return int(own[1:].partition(".")[0], 36)


def _seal(first: str, second: str, secret: bytes) -> str:
    mac = hmac.digest(secret, f"folkmoot message-id {first}.{second}".encode(), hashlib.sha256)
    return _base32(mac[:16])


def _base32(octets: bytes) -> str:
    return b32encode(octets).decode("ascii").rstrip("=").lower()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits or "0"


def fits(mailbox: str, domain: str, delimiter: str = "+") -> bool:
    """Whether `mailbox` may be ours: a slug whose reply addresses are valid ones."""
    longest = f"{mailbox}{delimiter}{VERSION.ljust(LENGTH, 'a')}@{domain}"
    return _SLUG.fullmatch(mailbox) is not None and valid(longest)

"""A mail as a citizen's mailbox holds it."""

from __future__ import annotations

import datetime
import email
import email.policy
from dataclasses import dataclass, field
from email.message import EmailMessage


@dataclass(frozen=True)
class Received:
    """A mail as it came; `number` counts from 1, `received` is UTC."""

    number: int
    mail_from: str
    rcpt_tos: tuple[str, ...]
    raw: bytes = field(repr=False)
    received: datetime.datetime

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed anew."""
        return email.message_from_bytes(self.raw, _class=EmailMessage, policy=email.policy.default)

    @property
    def message_id(self) -> str:
        """Its Message-ID with the angle brackets; "" without one."""
        return self.header("Message-ID")

    @property
    def subject(self) -> str:
        """Its subject, decoded."""
        return self.header("Subject")

    @property
    def text(self) -> str:
        """Its plain text, with "\\n" as line end; "" when it has none."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """Its HTML; "" when it has none."""
        return self._part("html")

    @property
    def attachments(self) -> dict[str, bytes]:
        """The attached files by name."""
        files: dict[str, bytes] = {}
        for part in self.message.iter_attachments():
            content = part.get_content()
            files[part.get_filename() or ""] = content.encode() if isinstance(content, str) else content
        return files

    def header(self, name: str) -> str:
        """The first header of that name, decoded; "" without one."""
        return str(self.message.get(name, ""))

    def _part(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        return "" if part is None else str(part.get_content()).replace("\r\n", "\n")

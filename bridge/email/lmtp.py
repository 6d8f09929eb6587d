"""LMTP (RFC 2033), for a mail server in front of us: SMTP with an answer for each recipient.

After DATA each recipient that was taken gets an answer of its own, in the order of the RCPT
commands: where one mailbox's commit failed, only that one is tried again.
"""

from __future__ import annotations

from bridge.email.envelope import Came
from bridge.email.session import Line
from bridge.email.settings import Door


class LmtpLine(Line):
    """A connection that speaks LMTP."""

    greets_with = "LMTP"
    unknown = ("AUTH", "HELO", "EHLO")  # RFC 2033 section 4.1: neither may be accepted

    @property
    def door(self) -> Door:
        return Door.LMTP

    async def smtp_LHLO(self, arg: str | None) -> None:
        """The greeting: what EHLO is to SMTP."""
        if arg:
            await self.smtp_EHLO(arg)
        else:
            await self.push("501 5.5.4 Syntax: LHLO hostname")

    async def answers(self, came: Came) -> list[str]:
        return await self._taken(came, apart=True)

"""Recipients that leak from one mail into the next over the same connection.

Seen in another e-mail bridge: recipients pile up over one SMTP session, so that the second mail
also goes to the first one's room.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.email.settings import Door
from bridge.errors import Retry
from tests.email.doors import BUDGET, LISTEN, LMTP, PARK, Desk, Inbox, Line, opened, stuffed
from tests.email.mails import DOMAIN, mail

DOORS = pytest.mark.parametrize("door", [Door.SMTP, Door.LMTP])


@dataclass
class Model:
    """What the RFC says the envelope is (RFC 5321 section 4.1.1), command by command."""

    started: bool = False
    recipients: list[str] = field(default_factory=list)

    def begin(self) -> None:
        self.started, self.recipients = True, []

    def clear(self) -> None:
        self.started, self.recipients = False, []


STEPS = st.lists(
    st.sampled_from(
        ["MAIL", "PARK", "BUDGET", "nobody", "RSET", "EHLO", "DATA", "refused DATA", "lost DATA"]
    ),
    max_size=25,
)


@DOORS
@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_the_second_mail_never_reaches_the_first_ones_recipients(door: Door, steps: list[str]) -> None:
    """Any order of commands: each mail arrives for the recipients of its own envelope, and for no other."""
    asyncio.run(play(door, steps))


async def play(door: Door, steps: list[str]) -> None:
    async with opened(LISTEN if door is Door.SMTP else LMTP) as desk:
        line, model = await (desk.line() if door is Door.SMTP else desk.lmtp()), Model()
        for number, step in enumerate([*steps, "MAIL", "PARK", "DATA"]):
            if step.endswith("DATA"):
                await data(desk, line, model, step, number, apart=door is Door.LMTP)
            else:
                await command(line, model, step, "EHLO" if door is Door.SMTP else "LHLO")


async def command(line: Line, model: Model, step: str, greeting: str) -> None:
    if step == "MAIL":
        assert (await line.say("MAIL FROM:<kim@example.org>")).startswith("250")
        model.begin()
    elif step in ("RSET", "EHLO"):
        assert (await line.say(step if step == "RSET" else f"{greeting} x.example")).startswith("250")
        model.clear()
    else:
        recipient = {"PARK": PARK, "BUDGET": BUDGET}.get(step, f"{step}@{DOMAIN}")
        answer = await line.say(f"RCPT TO:<{recipient}>")
        assert answer[:3] == ("503" if not model.started else "550" if step == "nobody" else "250")
        model.recipients += [recipient] if answer.startswith("250") else []


async def data(desk: Desk, line: Line, model: Model, step: str, number: int, *, apart: bool) -> None:
    """DATA: stored, refused for a bare line feed, or lost by our own fault; the envelope is gone after it."""
    inbox, before = desk.inbox, len(desk.inbox.arrivals)
    if not model.recipients:
        assert (await line.say("DATA")).startswith("503")
        return
    inbox.fault = Retry("locked") if step == "lost DATA" else None
    raw = stuffed(mail(f"words {number}", message_id=f"<{number}@example.org>"))
    answers = [await line.data(raw.replace(b"words", b"\n") if step == "refused DATA" else raw)]
    answers += [await line.answer() for _ in model.recipients[1:] if apart]
    code = {"DATA": "250", "refused DATA": "554", "lost DATA": "451"}[step]
    assert {answer[:3] for answer in answers} == {code}
    expected = sorted(set(model.recipients)) if step == "DATA" else []
    assert sorted(arrived(inbox, before)) == expected
    assert all(f"words {number}".encode() in arrival.raw for arrival in inbox.arrivals[before:])
    model.clear()


def arrived(inbox: Inbox, before: int) -> list[str]:
    return inbox.recipients[before:]

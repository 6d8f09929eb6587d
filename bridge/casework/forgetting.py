"""`!forget`: destroy what is stored of a citizen, in two steps, since nothing brings it back.

    !forget              in the case's thread   ─┐
    !forget PARK-7F3K-9Q anywhere in the desk   ─┼─> what it would destroy, and how to say yes
                         or in the control room ─┘
    !forget PARK-7F3K-9Q yes ──> done

Staff of the host may, on a device that is verified, for the cases of their consultation; operators
may in the control room, for every case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bridge.casework.texts import say
from bridge.inbound import RoomMessage
from bridge.model import Case, Consultation

WORD = "forget"

_ARGUMENT = re.compile(r"(?:[\w\u2010-\u2013-]{4,40}(?P<sure>[ \t]+yes)?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answered:
    """What is said to the command, and the case that it forgets."""

    text: str
    forgets: Case | None = None


def by_staff(
    argument: str, said: RoomMessage, here: Case | None, named: Case | None, consultation: Consultation
) -> Answered:
    """The command in the desk: `here` is the case of its thread, `named` the one it names."""
    language = consultation.language
    if not said.trusted:
        return Answered(say(language, "command_device"))
    if consultation.organisation(said.sender) != "":
        return Answered(say(language, "forget_host"))
    ours = named if named is not None and named.slug == consultation.slug else None
    if here is not None and ours is not None and ours.id != here.id:
        return Answered(say(language, "forget_other", reference=ours.reference))
    return _step(argument, ours if argument else here, language)


def by_operator(argument: str, named: Case | None, language: str) -> Answered:
    """The command of an operator, who was looked at already, in the control room."""
    return _step(argument, named if argument else None, language)


def _step(argument: str, case: Case | None, language: str) -> Answered:
    understood = _ARGUMENT.fullmatch(argument)
    if case is None or understood is None:
        return Answered(say(language, "forget_unknown", usage=say(language, "usage_forget")))
    if not understood["sure"]:
        return Answered(say(language, "forget_ask", reference=case.reference))
    return Answered(say(language, "forget_done", reference=case.reference), case)

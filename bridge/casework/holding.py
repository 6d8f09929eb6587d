"""What is held back, and what staff say of it: `!held`, `!release CODE`, `!discard CODE`, in the desk.

The list shows who wrote, about what and how the words begin, so that a clerk can decide without
opening anything; a code names one mail, `all` names every one that the list shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bridge.casework.effects import DiscardHeld, Effect, ReleaseHeld, Reply
from bridge.casework.known import HeldMail
from bridge.casework.texts import say
from bridge.inbound import RoomMessage
from bridge.model import Consultation

WORDS = ("held", "release", "discard")
SHOWN = 20
"""The oldest ones, in one list; `all` means these."""


def command(
    word: str, argument: str, said: RoomMessage, held: Sequence[HeldMail], consultation: Consultation
) -> list[Effect]:
    """Effects of one of `WORDS` with its argument; `held` are the mails of the consultation, oldest first."""
    language = consultation.language

    def answer(key: str, **values: str) -> list[Effect]:
        return [Reply(said.room_id, say(language, key, **values), said.event_id)]

    if not said.trusted or not consultation.may_reply(said.sender):
        return answer("command_may_not" if said.trusted else "command_device", user=said.sender)
    if not held:
        return answer("held_none")
    if word == "held":
        return (
            answer("held_usage") if argument else [Reply(said.room_id, _list(held, language), said.event_id)]
        )
    chosen = _chosen(argument, held)
    items, count = tuple(one.id for one in chosen), str(len(chosen))
    effect, key = (ReleaseHeld, "held_released") if word == "release" else (DiscardHeld, "held_discarded")
    return [effect(items), *answer(key, count=count)] if items else answer("held_usage")


def _chosen(argument: str, held: Sequence[HeldMail]) -> Sequence[HeldMail]:
    """Those that the argument names: `all`, or codes with blanks between; none when one is unknown."""
    if argument.casefold() == "all":
        return held[:SHOWN]
    wanted = argument.upper().split()
    known = {one.code: one for one in held}
    return [known[code] for code in wanted] if all(code in known for code in wanted) else []


def _list(held: Sequence[HeldMail], language: str) -> str:
    lines = [say(language, "held_list", count=str(len(held)))]
    for one in held[:SHOWN]:
        when = datetime.fromtimestamp(one.at / 1000, UTC).strftime("%Y-%m-%d %H:%M")
        subject = f" “{one.subject}”" if one.subject else ""
        who = f"{one.code} · {when} UTC · {one.sender or '?'}{subject}"
        lines.append(f"{who}: {one.excerpt} ({say(language, one.why)})")
    return "\n".join([*lines, say(language, "held_how")])

"""What staff and operators may say to the bridge: `!word`, alone in an encrypted message.

A command is never mailed, understood or not.  With anything else in its message (an argument
too many, a second line) it is not obeyed: a command is exact or it is a note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bridge.casework import forgetting, holding, mailing, policy
from bridge.casework.effects import (
    ConfirmIdentity,
    Discard,
    Effect,
    Forget,
    Join,
    Move,
    Notice,
    Original,
    Release,
    Reply,
    SetMark,
    Unlock,
)
from bridge.casework.known import EventRef, KnownRoom
from bridge.casework.settings import Settings
from bridge.casework.texts import say
from bridge.inbound import RoomMessage
from bridge.model import Case, Consultation, EventKind, Mark, RoomKind, Status
from bridge.text import clip, trimmed

WORDS = ("send", "close", "apart", "join", "discard", "original", forgetting.WORD, "help")
"""In a case's thread.  Outside, in the desk: forget, and see `casework.holding` and `casework.mailing`.
In the control room: trust, forget, help."""

_COMMAND = re.compile(r"[!！](\w+)(.*)", re.DOTALL)
_USER = re.compile(r"@[A-Za-z0-9._=/+-]{1,200}:[A-Za-z0-9.:\[\]-]{1,200}")
_REFERENCE = re.compile(r"[\w\u2010-\u2013-]{4,40}")


@dataclass(frozen=True, slots=True)
class Command:
    """`word` in lower case; `argument` as written, without the blanks around it."""

    word: str
    argument: str = ""


def parse(said: RoomMessage) -> Command | None:
    """The command that a message is; None: a note, or no command at all.

    A note has a blank behind its mark.  Edits and everything that is not plain text command nothing.
    """
    if not said.inside or said.msgtype != "m.text" or said.replaces is not None:
        return None
    found = _COMMAND.match(trimmed(said.text))
    return Command(found[1].lower(), found[2].strip(" \t")) if found else None


def in_case(
    said: RoomMessage, known: KnownRoom, consultation: Consultation, settings: Settings
) -> list[Effect]:
    """Effects of the command that a message in a case is, beside its own mark; none for a note."""
    command = parse(said)
    if command is None or known.case is None or said.room_id != known.case.room_id:
        return []
    case, language = known.case, consultation.language
    if command.word == mailing.WORD:
        return [Notice(case.id, mailing.elsewhere(consultation), said.event_id)]
    if command.word == forgetting.WORD:
        told = forgetting.by_staff(command.argument, said, case, known.named, consultation)
        return _forgets(told, said) or [Notice(case.id, told.text, said.event_id)]
    answer = _fault(command, said, consultation)
    if answer is None and command.word in ("apart", "join", "discard") and not case.locked:
        answer = say(language, "not_locked")
    if answer is None and command.word == "close" and case.status not in (Status.OPEN, Status.ANSWERED):
        answer = say(language, "close_not")
    if answer is not None:
        return [Notice(case.id, answer, said.event_id)]
    return _obey(command, said, known, case, language, settings)


def _obey(
    command: Command, said: RoomMessage, known: KnownRoom, case: Case, language: str, settings: Settings
) -> list[Effect]:
    if command.word == "send":
        return _send(said, known, case, language, settings)
    if command.word == "original":
        return [_original(said, known, case, language)]
    if command.word == "join":
        return _join(command, said, known, case, language)
    if command.word == "help":
        return [Notice(case.id, say(language, "help"), said.event_id)]
    if command.word == "close":
        return [Move(case.id, Status.CLOSED), Notice(case.id, say(language, "close_done"), said.event_id)]
    effect = Discard(case.id) if command.word == "discard" else Unlock(case.id)
    return [effect, Notice(case.id, say(language, f"{command.word}_done"), said.event_id)]


def _forgets(told: forgetting.Answered, said: RoomMessage) -> list[Effect]:
    """The case is gone with its thread: the answer stands in the room."""
    if told.forgets is None:
        return []
    return [Forget(told.forgets.id), Reply(said.room_id, told.text, said.event_id)]


def _fault(command: Command, said: RoomMessage, consultation: Consultation) -> str | None:
    """Why a command is not obeyed, in words; None: it is."""
    language = consultation.language
    if command.word not in WORDS:
        return say(language, "unknown_command", word=clip(command.word, 40))
    named = command.word == "join" and _REFERENCE.fullmatch(command.argument)
    if command.argument and not named:
        usage = say(language, f"usage_{command.word}")
        return say(language, "command_usage", word=command.word, usage=usage)
    if command.word != "help" and not said.trusted:
        return say(language, "command_device")
    if command.word != "help" and not consultation.may_reply(said.sender):
        return say(language, "command_may_not", user=said.sender)
    return None


def _join(command: Command, said: RoomMessage, known: KnownRoom, case: Case, language: str) -> list[Effect]:
    into = known.named
    if into is not None and not command.argument and into.reference != case.claims:
        into = None
    if into is None or into.id == case.id or into.slug != case.slug:
        example = case.claims or say(language, "usage_join").split()[-1]
        return [Notice(case.id, say(language, "join_unknown", reference=example), said.event_id)]
    if into.locked or policy.joined(into):
        return [Notice(case.id, say(language, "join_locked", reference=into.reference), said.event_id)]
    return [
        Join(case.id, into.id),
        Notice(into.id, say(language, "join_into", reference=case.reference, user=said.sender)),
        Notice(case.id, say(language, "join_done", reference=into.reference), said.event_id),
    ]


def _original(said: RoomMessage, known: KnownRoom, case: Case, language: str) -> Original:
    """The mail behind the citizen's message that the command answers, else behind the latest one."""
    replied = known.replied if known.replied is not None and not said.falling_back else None
    named = replied.event_id if replied is not None and replied.kind is EventKind.WORDS else None
    return Original(case.id, named, said.event_id, say(language, "original_gone"))


def _send(said: RoomMessage, known: KnownRoom, case: Case, language: str, settings: Settings) -> list[Effect]:
    chosen = _chosen(said, known, case)
    if chosen is None:
        return [Notice(case.id, say(language, "send_nothing"), said.event_id)]
    blocked = policy.blocked(case)
    if blocked is not None:
        return [Notice(case.id, say(language, blocked, reference=case.claims or "?"), said.event_id)]
    return [
        Release(chosen.event_id, settings.undo_seconds),
        SetMark(chosen.room_id, chosen.event_id, Mark.WAITING),
    ]


def _chosen(said: RoomMessage, known: KnownRoom, case: Case) -> EventRef | None:
    """The doubt that is answered by name, else the newest of this case."""
    waiting = [d for d in known.doubts if d.case_id == case.id and d.kind is EventKind.DOUBT]
    named = known.replied if known.replied is not None and not said.falling_back else None
    if named is not None and named.kind is EventKind.DOUBT:
        return next((d for d in waiting if d.event_id == named.event_id), None)
    return waiting[-1] if waiting else None


def misplaced(
    said: RoomMessage, known: KnownRoom, consultation: Consultation, settings: Settings
) -> list[Effect]:
    """A message outside every case stays inside; a command gets a hint, or is one for the whole desk."""
    command = parse(said)
    if command is None or consultation.organisation(said.sender) is None:
        return []
    if known.kind is RoomKind.DESK and command.word in (*holding.WORDS, mailing.WORD, forgetting.WORD):
        return _in_desk(command, said, known, consultation, settings)
    if command.word == mailing.WORD:
        return [Reply(said.room_id, mailing.elsewhere(consultation), said.event_id)]
    if command.word not in WORDS:
        return []
    key = "help" if command.word == "help" else "command_place"
    return [Reply(said.room_id, say(consultation.language, key), said.event_id)]


def _in_desk(
    command: Command, said: RoomMessage, known: KnownRoom, consultation: Consultation, settings: Settings
) -> list[Effect]:
    """What is held back, mailings, and who is to be forgotten."""
    if command.word in holding.WORDS:
        return holding.command(command.word, command.argument, said, known.held, consultation)
    if command.word == mailing.WORD:
        return mailing.command(command.argument, said, known, consultation, settings)
    told = forgetting.by_staff(command.argument, said, None, known.named, consultation)
    return _forgets(told, said) or [Reply(said.room_id, told.text, said.event_id)]


def control(said: RoomMessage, known: KnownRoom, settings: Settings) -> list[Effect]:
    """The operators' commands, of which each gets an answer."""
    command = parse(said)
    if command is None:
        return []
    if said.sender not in known.operators:
        return [_reply(said, settings, "control_operators")]
    if not said.trusted:
        return [_reply(said, settings, "command_device")]
    if command.word == forgetting.WORD:
        told = forgetting.by_operator(command.argument, known.named, settings.language)
        return _forgets(told, said) or [Reply(said.room_id, told.text, said.event_id)]
    return _operate(command, said, settings)


def _operate(command: Command, said: RoomMessage, settings: Settings) -> list[Effect]:
    if command.word == "trust" and _USER.fullmatch(command.argument):
        done = _reply(said, settings, "trust_done", user=command.argument)
        return [ConfirmIdentity(command.argument), done]
    if command.word == "trust":
        usage = say(settings.language, "usage_trust")
        return [_reply(said, settings, "command_usage", word="trust", usage=usage)]
    helps = command.word == "help" and not command.argument
    key = "control_help" if helps else "control_unknown"
    return [_reply(said, settings, key, word=clip(command.word, 40))]


def _reply(said: RoomMessage, settings: Settings, key: str, **values: str) -> Reply:
    return Reply(said.room_id, say(settings.language, key, **values), said.event_id)

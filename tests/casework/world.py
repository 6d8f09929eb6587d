"""A desk without a database: it remembers what effects say, and looks up what `decide` asks.

Only what the heart needs to be told a story: one consultation, its cases, their events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from bridge.appservice.events import room_message
from bridge.casework import effects as fx
from bridge.casework.decide import decide
from bridge.casework.known import EventRef, HeldMail, KnownRoom
from bridge.casework.settings import Settings
from bridge.inbound import RoomMessage
from bridge.model import (
    Attachment,
    Case,
    Consultation,
    EventKind,
    Json,
    MailState,
    Mark,
    Participant,
    Partner,
    RoomKind,
    Source,
    Status,
)

E = TypeVar("E")

DESK, LOBBY, CONTROL = "!desk", "!lobby", "!control"
ROOT, WORDS = "$root", "$words"
CLERK, OFFICER, MUTE, ADMIN = (
    "@clerk:alder.example",
    "@officer:birch.example",
    "@reader:cedar.example",
    "@admin:alder.example",
)
BOT = "@folkmoot:alder.example"

PARK = Consultation(
    slug="park-2027",
    title="Riverside Park 2027",
    languages=("en", "de"),
    mailbox="park-2027",
    staff=(CLERK,),
    partners=(
        Partner("Birch County", "birch.example", (OFFICER,)),
        Partner("Cedar", "cedar.example", (MUTE,), may_reply=False),
    ),
)

ADA = Participant(1, "Ada Citizen", "ada@citizen.example", "en")
CASE = Case(
    id=7,
    reference="PARK-7F3K-9Q",
    slug="park-2027",
    participant=ADA,
    channel=Source.EMAIL,
    status=Status.OPEN,
    subject="The lamps",
    room_id=DESK,
    root=ROOT,
    latest=WORDS,
)
OTHER = replace(CASE, id=8, reference="PARK-8K2M-4T", root="$root2", latest="$words2")
LOCKED = replace(CASE, status=Status.LOCKED, claims="PARK-8K2M-4T")
NAMELESS = replace(CASE, participant=replace(ADA, address=None))

SETTINGS = Settings(undo_seconds=10, ours=(BOT,))
PICTURE = Attachment("pic.png", "image/png", b"\x89PNG")

THREAD: Json = {"rel_type": "m.thread", "event_id": ROOT}


def only(effects: Sequence[fx.Effect], kind: type[E]) -> list[E]:
    """The effects of one kind."""
    return [e for e in effects if isinstance(e, kind)]


def goes_out(effects: Sequence[fx.Effect]) -> bool:
    return any(isinstance(e, fx.Mail | fx.Release) for e in effects)


def marks(effects: Sequence[fx.Effect]) -> list[Mark]:
    return [e.mark for e in effects if isinstance(e, fx.SetMark)]


@dataclass
class World:
    """`feed` an event as it comes from the homeserver; what the ledger would know is looked up."""

    case: Case = CASE
    kind: RoomKind = RoomKind.DESK
    events: dict[str, EventRef] = field(default_factory=dict)
    mails: dict[str, fx.Mail] = field(default_factory=dict)
    states: dict[str, MailState] = field(default_factory=dict)
    held: dict[str, fx.Hold] = field(default_factory=dict)
    named: Case | None = None
    mail_held: tuple[HeldMail, ...] = ()
    sent: set[str] = field(default_factory=set)
    count: int = 0
    ts: int = 1_000_000

    def __post_init__(self) -> None:
        self.remember(ROOT, EventKind.HEAD, BOT)
        self.remember(WORDS, EventKind.WORDS, BOT)

    def remember(self, event_id: str, kind: EventKind, sender: str, threaded: bool = True) -> None:
        room = self.case.room_id
        self.events[event_id] = EventRef(event_id, room, self.case.id, kind, sender, "D", self.ts, threaded)

    def feed(
        self,
        inner: Json,
        *,
        wire: Json | None = None,
        sender: str = OFFICER,
        device: str = "D",
        trusted: bool = True,
        attachments: Sequence[Attachment] = (),
        kind: str = "m.room.message",
        room: str = DESK,
        after: int = 1000,
    ) -> tuple[str, list[fx.Effect]]:
        """The new event's ID and the effects of it; the effects are remembered."""
        self.count += 1
        self.ts += after
        event_id = f"$event{self.count}"
        outside = wire if wire is not None else {k: v for k, v in inner.items() if k == "m.relates_to"}
        event = {
            "type": "m.room.encrypted",
            "room_id": room,
            "event_id": event_id,
            "sender": sender,
            "origin_server_ts": self.ts,
            "content": {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "…", **outside},
        }
        came = room_message(
            event,
            inner,
            sender_name="Olga Officer",
            device=device,
            trusted=trusted,
            attachments=attachments,
            kind=kind,
        )
        if came is None:
            return event_id, []
        effects = decide(came, self.known(came), SETTINGS)
        self.settle(effects)
        return event_id, effects

    def known(self, came: RoomMessage) -> KnownRoom:
        replied = self.events.get(came.reply_to or "")
        target = self.events.get(came.replaces or "")
        case = None
        if came.thread is not None:
            case = self.case if self.case.root == came.thread else None
        elif target is not None or replied is not None:
            case = self.case
        near = [
            e
            for e in self.events.values()
            if (e.sender, e.device) == (came.sender, came.device) and came.ts - 120_000 < e.ts <= came.ts
        ]
        return KnownRoom(
            kind=self.kind,
            consultation=PARK,
            case=case,
            replied=replied,
            target=target,
            mail=self.states.get(target.event_id) if target is not None else None,
            last=max(near, key=lambda e: e.ts, default=None),
            doubts=tuple(e for e in self.events.values() if e.kind is EventKind.DOUBT),
            named=self.named,
            corrected=target is not None and target.event_id in self.sent,
            held=self.mail_held,
            operators=(ADMIN,),
        )

    def settle(self, effects: Sequence[fx.Effect]) -> None:
        for effect in effects:
            match effect:
                case fx.Record():
                    self.events[effect.event_id] = EventRef(
                        effect.event_id,
                        effect.room_id,
                        effect.case,
                        effect.kind,
                        effect.sender,
                        effect.device,
                        effect.ts,
                        effect.threaded,
                    )
                case fx.Mail():
                    self.mails[effect.event_id] = effect
                    self.states[effect.event_id] = MailState.WAITING
                case fx.Hold():
                    self.held[effect.event_id] = effect
                    self._kind(effect.event_id, EventKind.DOUBT)
                case fx.StopMail():
                    self.mails.pop(effect.event_id, None)
                    self.held.pop(effect.event_id, None)
                    self.states.pop(effect.event_id, None)
                    self._kind(effect.event_id, EventKind.NOTE)
                case fx.ChangeMail():
                    self._change(effect)
                case fx.Release():
                    kept = self.held.pop(effect.event_id)
                    self.mails[effect.event_id] = _mail(kept, effect.wait)
                    self.states[effect.event_id] = MailState.WAITING
                    self._kind(effect.event_id, EventKind.REPLY)
                case _:
                    pass

    def _kind(self, event_id: str, kind: EventKind) -> None:
        self.events[event_id] = replace(self.events[event_id], kind=kind)

    def _change(self, effect: fx.ChangeMail) -> None:
        new: dict[str, Any] = {"text": effect.text, "html": effect.html}
        if effect.event_id in self.held:
            self.held[effect.event_id] = replace(self.held[effect.event_id], **new)
        else:
            self.mails[effect.event_id] = replace(self.mails[effect.event_id], **new)

    def texts(self) -> list[str]:
        """Everything that would be mailed."""
        return [f"{m.text}\n{m.html or ''}" for m in self.mails.values()]


def _mail(kept: fx.Hold, wait: float) -> fx.Mail:
    return fx.Mail(
        kept.case,
        kept.event_id,
        kept.text,
        kept.html,
        kept.files,
        kept.from_name,
        kept.organisation,
        wait,
    )


def text(body: str, relates: Json | None = None, html: str | None = None, **more: Any) -> Json:
    """The content of an `m.text`."""
    content: Json = {"msgtype": "m.text", "body": body, **more}
    if html is not None:
        content |= {"format": "org.matrix.custom.html", "formatted_body": html}
    return content if relates is None else {**content, "m.relates_to": relates}


def image(relates: Json | None = None, **more: Any) -> Json:
    """The content of an encrypted picture."""
    content: Json = {
        "msgtype": "m.image",
        "body": "pic.png",
        "info": {"w": 4, "h": 2, "mimetype": "image/png", "size": 4},
        "file": {
            "v": "v2",
            "url": "mxc://birch.example/abcDEF123",
            "iv": "dmvbKSfspHkAAAAAAAAAAA",
            "hashes": {"sha256": "eU6feUcAwLfs9WclnSxAR9Z1CWZn6faH/SwCV+2hhfU"},
            "key": {
                "kty": "oct",
                "alg": "A256CTR",
                "ext": True,
                "k": "IufeVZrAzfSP3M",
                "key_ops": ["decrypt"],
            },
        },
        **more,
    }
    return content if relates is None else {**content, "m.relates_to": relates}


def quoting(who: str, quoted: str, answer: str, relates: Json, *, html: bool = True) -> Json:
    """A reply as Cinny and Nheko write it: the quote before the answer, in both forms."""
    lines = quoted.split("\n")
    body = "\n".join([f"> <{who}> {lines[0]}", *(f"> {line}" for line in lines[1:])]) + f"\n\n{answer}"
    if not html:
        return text(body, relates)
    quote = (
        '<mx-reply><blockquote><a href="https://matrix.to/#/!desk/%24x">In reply to</a>'
        f'<a href="https://matrix.to/#/{who}">{who}</a><br />{"<br>".join(lines)}</blockquote></mx-reply>'
    )
    return text(body, relates, quote + answer)


def note_in(world: World, said: str = "!she is hard to deal with", sender: str = CLERK) -> str:
    """An internal note in the thread; its event ID."""
    event_id, _ = world.feed(text(said, THREAD), sender=sender)
    return event_id

"""A desk that keeps mailings: what the ledger would look up for `!mail`, without a ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bridge.casework import addressed
from bridge.casework import effects as fx
from bridge.casework.commands import parse
from bridge.casework.decide import decide
from bridge.casework.known import KnownRoom
from bridge.casework.known_mailing import Addressee, KnownMailing, Mailing
from bridge.casework.settings import Settings
from bridge.inbound import RoomMessage, RoomRedaction
from bridge.model import Consultation, Reach, RoomKind, Status
from tests.casework.world import CLERK, DESK, PARK

SETTINGS = Settings(undo_seconds=10, public_url="https://consult.alder.example")


def someone(number: int, **changes: object) -> Addressee:
    """The citizen of an open case who is reached by mail."""
    reference = f"PARK-{number:04d}-00"
    one = Addressee(number, reference, Status.OPEN, Reach.MAIL, f"address {number}".encode())
    return replace(one, **changes)  # type: ignore[arg-type]


@dataclass
class Book:
    """One desk: its people, and the mailings that were kept there."""

    people: list[Addressee]
    consultation: Consultation = PARK
    kept: dict[int, fx.KeepMailing] = field(default_factory=dict)
    states: dict[int, str] = field(default_factory=dict)
    mails: list[fx.MailOne] = field(default_factory=list)
    begun: set[int] = field(default_factory=set)  # indices of mails that the relay has
    stopped: set[int] = field(default_factory=set)
    notices: list[fx.Notice] = field(default_factory=list)
    answer: str = ""
    count: int = 0
    settings: Settings = SETTINGS

    def say(self, text: str, sender: str = CLERK, **changes: object) -> list[fx.Effect]:
        """A message in the desk outside the threads, decided and settled."""
        self.count += 1
        message = RoomMessage(
            room_id=DESK,
            event_id=f"$mail{self.count}",
            sender=sender,
            sender_name="Cleo Clerk",
            device="D",
            trusted=True,
            ts=1_000_000 + self.count,
            msgtype="m.text",
            text=text,
            inside=text.lstrip().startswith(("!", "！")),
        )
        return self._decide(replace(message, **changes))  # type: ignore[arg-type]

    def redact(self, event_id: str, sender: str = CLERK) -> list[fx.Effect]:
        self.count += 1
        return self._decide(RoomRedaction(DESK, f"$gone{self.count}", sender, event_id))

    def _decide(self, inbound: RoomMessage | RoomRedaction) -> list[fx.Effect]:
        self.answer = ""
        known = KnownRoom(RoomKind.DESK, self.consultation, mailing=self._known(inbound))
        effects = decide(inbound, known, self.settings)
        self._settle(effects)
        return effects

    def _known(self, inbound: RoomMessage | RoomRedaction) -> KnownMailing:
        target = inbound.target if isinstance(inbound, RoomRedaction) else inbound.replaces
        if target is not None or isinstance(inbound, RoomRedaction):
            number = next((n for n, k in self.kept.items() if k.event_id == target), None)
            return KnownMailing(named=self._mailing(number))
        command = parse(inbound)
        if command is None or command.word != "mail":
            return KnownMailing()
        wish = addressed.asked(command.argument)
        if wish.kind != "act":
            codes = tuple(k.code for k in self.kept.values())
            return KnownMailing(addressees=tuple(self._meant(wish)), codes=codes)
        number = next((n for n, k in self.kept.items() if k.code == wish.code), None)
        if number is None:
            return KnownMailing()
        meant = [one for one in self.people if one.case in self.kept[number].cases]
        mine = [i for i, m in enumerate(self.mails) if m.mailing == number and i not in self.stopped]
        waits = tuple((i, self.mails[i].case) for i in mine if i not in self.begun)
        return KnownMailing(tuple(meant), self._mailing(number), (), waits, len(mine) - len(waits))

    def _meant(self, wish: addressed.Asked) -> Sequence[Addressee]:
        if wish.kind == "named":
            there = {one.reference: one for one in self.people}
            return [there[name] for name in wish.references if name in there]
        if wish.kind == "open":
            return [one for one in self.people if one.status in addressed.OPEN]
        return self.people if wish.kind == "all" else []

    def _mailing(self, number: int | None) -> Mailing | None:
        if number is None:
            return None
        kept, state = self.kept[number], self.states[number]
        mailing = Mailing(number, kept.code, kept.room_id, kept.event_id, kept.sender, state)
        if state != "waiting":
            return mailing
        return replace(
            mailing,
            text=kept.text,
            html=kept.html,
            from_name=kept.from_name,
            organisation=kept.organisation,
            signature=kept.signature,
        )

    def _settle(self, effects: Sequence[fx.Effect]) -> None:
        for effect in effects:
            match effect:
                case fx.KeepMailing():
                    number = len(self.kept) + 1
                    self.kept[number], self.states[number] = effect, "waiting"
                case fx.EndMailing():
                    assert self.states[effect.mailing] == "waiting"
                    self.states[effect.mailing] = effect.state
                case fx.MailOne():
                    self.mails.append(effect)
                case fx.StopMailing():
                    self.stopped |= set(effect.rows)
                case fx.Notice():
                    self.notices.append(effect)
                case fx.Reply():
                    self.answer = effect.text
                case _:
                    raise AssertionError(effect)

    def code(self) -> str:
        """Of the newest mailing."""
        return self.kept[len(self.kept)].code

    def cases(self) -> list[int]:
        """To whom it goes."""
        return [m.case for i, m in enumerate(self.mails) if i not in self.stopped]

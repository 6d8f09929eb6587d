"""Joins, devices, identities, plaintext and unreadable messages; files of consultations; deliveries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.casework import effects as fx
from bridge.casework.decide import (
    after_ack_failed,
    after_broken,
    after_mail_failed,
    after_mail_sent,
    after_provisioned,
    decide,
)
from bridge.casework.known import KnownApply, KnownRoom
from bridge.errors import Refuse
from bridge.inbound import ApplyIn, DeviceUnsigned, IdentityChanged, RoomMember, RoomPlain, RoomUnreadable
from bridge.model import Mark, RoomKind, Status
from tests.casework.world import ADMIN, BOT, CASE, CLERK, DESK, LOBBY, OFFICER, PARK, ROOT, SETTINGS, only

STRANGER = "@mallory:evil.example"


def joined(user: str, kind: RoomKind | None, membership: str = "join") -> list[fx.Effect]:
    known = KnownRoom(kind, None if kind is RoomKind.CONTROL else PARK, operators=(ADMIN,))
    return decide(RoomMember(LOBBY, "$member", user, membership), known, SETTINGS)


@pytest.mark.parametrize("user", [CLERK, OFFICER])
def test_who_joins_the_lobby_is_invited_to_the_desk(user: str) -> None:
    assert joined(user, RoomKind.LOBBY) == [fx.Invite("park-2027", RoomKind.DESK, user)]
    assert joined(user, RoomKind.SPACE) == joined(user, RoomKind.DESK) == []


@pytest.mark.parametrize("kind", [RoomKind.SPACE, RoomKind.LOBBY, RoomKind.DESK, RoomKind.CONTROL])
def test_a_join_of_somebody_who_is_not_listed_is_reported(kind: RoomKind) -> None:
    effects = joined(STRANGER, kind)
    assert [type(e) for e in effects] == [fx.Tell]
    assert STRANGER in only(effects, fx.Tell)[0].text


def test_joins_that_mean_nothing() -> None:
    for kind in RoomKind:
        assert joined(BOT, kind) == []
        assert joined(ADMIN, kind) == []
        assert joined(CLERK, kind, "leave") == joined(STRANGER, kind, "invite") == []
    assert joined(STRANGER, RoomKind.DIRECT) == joined(STRANGER, None) == []
    assert [type(e) for e in joined(CLERK, RoomKind.CONTROL)] == [fx.Tell]


def test_an_operator_who_is_staff_is_invited_too() -> None:
    known = KnownRoom(RoomKind.LOBBY, PARK, operators=(CLERK,))
    came = RoomMember(LOBBY, "$m", CLERK, "join")
    assert decide(came, known, SETTINGS) == [fx.Invite("park-2027", RoomKind.DESK, CLERK)]


def test_plaintext_in_a_case_is_not_obeyed() -> None:
    came = RoomPlain(DESK, "$plain", OFFICER, ROOT)
    effects = decide(came, KnownRoom(RoomKind.DESK, PARK, CASE), SETTINGS)
    assert effects[0] == fx.SetMark(DESK, "$plain", Mark.FAILED)
    assert "not encrypted" in only(effects, fx.Notice)[0].text
    assert len(effects) == 2


def test_plaintext_elsewhere() -> None:
    came = RoomPlain(DESK, "$plain", OFFICER)
    assert decide(came, KnownRoom(RoomKind.DESK, PARK), SETTINGS) == []
    assert decide(came, KnownRoom(None), SETTINGS) == []
    assert decide(came, KnownRoom(RoomKind.DESK, PARK, replace(CASE, room_id="!other")), SETTINGS) == []
    control = decide(came, KnownRoom(RoomKind.CONTROL, operators=(ADMIN,)), SETTINGS)
    assert [type(e) for e in control] == [fx.Reply]


def test_what_cannot_be_read_is_said_and_stays() -> None:
    came = RoomUnreadable(DESK, "$dark", OFFICER, ROOT)
    effects = decide(came, KnownRoom(RoomKind.DESK, PARK, CASE), SETTINGS)
    assert [type(e) for e in effects] == [fx.Notice, fx.Stay]
    assert only(effects, fx.Notice)[0].to == "$dark"
    effects = decide(came, KnownRoom(RoomKind.LOBBY, PARK), SETTINGS)
    assert [type(e) for e in effects] == [fx.Reply, fx.Stay]
    assert decide(came, KnownRoom(None), SETTINGS) == []


def test_a_device_without_keys_is_told_what_to_click() -> None:
    effects = decide(DeviceUnsigned(OFFICER, "ABCDEF"), KnownRoom(None), SETTINGS)
    told = only(effects, fx.Direct)[0]
    assert told.user_id == OFFICER and "ABCDEF" in told.text and "Verify" in told.text
    assert len(effects) == 1


def test_replaced_keys_are_told_with_the_remedy() -> None:
    effects = decide(IdentityChanged(OFFICER), KnownRoom(None), SETTINGS)
    assert f"!trust {OFFICER}" in only(effects, fx.Tell)[0].text


def test_applying_a_file() -> None:
    request = ApplyIn(PARK, "digest")
    assert decide(request, KnownApply(None), SETTINGS) == [fx.Provision(PARK, "digest")]
    assert decide(request, KnownApply(PARK, "digest"), SETTINGS) == []
    assert decide(request, KnownApply(PARK, "older"), SETTINGS) == [fx.Provision(PARK, "digest")]
    assert decide(request, KnownApply(PARK, "digest", "park-2027"), SETTINGS) == []
    with pytest.raises(Refuse, match="budget"):
        decide(request, KnownApply(PARK, "digest", "budget"), SETTINGS)
    for language in ("en", "de", "fr"):  # also when nothing has changed: two pages cannot have one address
        with pytest.raises(Refuse, match=r"ideas.*budget"):
            taken = KnownApply(PARK, "digest", forms_taken=(("ideas", "budget"),))
            decide(request, taken, replace(SETTINGS, language=language))


def test_after_the_rooms_were_made() -> None:
    assert after_provisioned("park-2027", [], [], []) == []
    invited, strangers, declined = after_provisioned(
        "park-2027",
        [(RoomKind.LOBBY, OFFICER)],
        ["@old:x.example", "@odd:x.example"],
        ["@left:x.example"],
        "de",
    )
    assert invited == fx.Invite("park-2027", RoomKind.LOBBY, OFFICER)
    assert isinstance(strangers, fx.Tell) and isinstance(declined, fx.Tell)
    assert "@old:x.example, @odd:x.example" in strangers.text and "Schlüssel" in strangers.text
    assert "@left:x.example" in declined.text and "park-2027" in declined.text


@pytest.mark.parametrize("status", list(Status))
def test_after_a_mail_was_taken(status: Status) -> None:
    effects = after_mail_sent(replace(CASE, status=status), DESK, "$reply")
    assert only(effects, fx.SetMark) == [fx.SetMark(DESK, "$reply", Mark.SENT)]
    assert only(effects, fx.Move) == ([fx.Move(7, Status.ANSWERED)] if status is Status.OPEN else [])


def test_after_a_mail_failed() -> None:
    effects = after_mail_failed(CASE, DESK, "$reply", "550 no such {user}", "de")
    assert effects[0] == fx.SetMark(DESK, "$reply", Mark.FAILED)
    notice = only(effects, fx.Notice)[0]
    assert notice.to == "$reply" and "550 no such {user}" in notice.text and "zugestellt" in notice.text


def test_after_an_acknowledgement_failed() -> None:
    effects = after_ack_failed(CASE, "550 no such user.")
    assert "550 no such user. Check" in only(effects, fx.Notice)[0].text


def test_after_something_broke() -> None:
    assert "PARK-7F3K-9Q" in only(after_broken("words", "PARK-7F3K-9Q", "413"), fx.Tell)[0].text
    told = only(after_broken("matrix event", None, "no room"), fx.Tell)[0].text
    assert "matrix event" in told and "no room" in told

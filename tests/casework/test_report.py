"""What mail servers report of our mails: to the very message, and only when it is really ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.casework import effects as fx
from bridge.casework.decide import decide
from bridge.casework.known import KnownMail, Returned
from bridge.inbound import MailIn, MailReport
from bridge.model import Mark, Status
from tests.casework.test_trust import ADA
from tests.casework.world import CASE, DESK, PARK, SETTINGS, marks, only

GONE = MailReport("failed", True, "no_such_address", "5.1.1")
REPORT = replace(ADA, from_address="mailer-daemon@home.example", automatic=True, returned=77, reports=(GONE,))
ANSWERED = replace(CASE, status=Status.ANSWERED)


def report(
    came: MailIn = REPORT,
    of: Returned = Returned(ANSWERED, "$reply"),  # noqa: B008 - frozen
) -> list[fx.Effect]:
    return decide(came, KnownMail(PARK, of.case, returned=of), SETTINGS)


def test_a_failure_turns_the_mark_of_that_message_and_says_why() -> None:
    effects = report()
    assert marks(effects) == [Mark.FAILED]
    assert only(effects, fx.SetMark)[0].event_id == "$reply"
    [notice] = only(effects, fx.Notice)
    assert "does not exist" in notice.text and "5.1.1" in notice.text and notice.to == "$reply"
    assert only(effects, fx.Move)[0].status is Status.OPEN
    assert only(effects, fx.Bounced) and not only(effects, fx.Words)


@pytest.mark.parametrize(
    ("one", "part"),
    [
        (MailReport("delayed", False, "mailbox_full", "4.2.2"), "mailbox is full"),
        (MailReport("failed", False, "unreachable"), "go on trying"),
        (MailReport("complaint", False, "unknown"), "marked as spam"),
    ],
)
def test_what_is_no_failure_changes_nothing(one: MailReport, part: str) -> None:
    effects = report(replace(REPORT, reports=(one,)))
    assert [type(e) for e in effects] == [fx.Notice]
    assert part in only(effects, fx.Notice)[0].text


def test_the_second_hard_bounce_marks_the_address() -> None:
    once = replace(ANSWERED, participant=replace(CASE.participant, bounces=1))
    effects = report(of=Returned(once, "$reply"))
    assert any("will ask" in n.text for n in only(effects, fx.Notice))


def test_a_report_without_our_mark_changes_nothing() -> None:
    came = replace(REPORT, returned=None)
    effects = decide(came, KnownMail(PARK, desk=DESK), SETTINGS)
    assert not only(effects, fx.SetMark) and not only(effects, fx.OpenCase)
    assert only(effects, fx.HoldBack)[0].why == "held_report", "it may be somebody's words after all"
    released = decide(came, KnownMail(PARK, desk=DESK, released=True), SETTINGS)
    assert only(released, fx.OpenCase) and not only(released, fx.Acknowledge)


def test_a_machine_that_answers_the_envelope_is_an_out_of_office_of_that_case() -> None:
    came = replace(ADA, automatic=True, returned=77, text="I am away.")
    [notice] = decide(came, KnownMail(PARK, CASE, returned=Returned(CASE, "$reply")), SETTINGS)
    assert isinstance(notice, fx.Notice) and "I am away." in notice.text

"""Who joins a case, by the table of identity with the sender's domain asked: token, address, DMARC."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.casework import effects as fx
from bridge.casework.decide import decide
from bridge.casework.known import KnownMail
from bridge.inbound import MailIn
from bridge.model import Dmarc, Status, Trust, Verdict
from tests.casework.world import CASE, PARK, SETTINGS, only

ADA = MailIn(
    mailbox="park-2027",
    token=None,
    from_address="ada@citizen.example",
    from_name="Ada Citizen",
    subject="The lamps",
    text="The lamp broke.",
    html=None,
    message_id="<1@citizen.example>",
    references=(),
    automatic=False,
)
PASS = Trust(Verdict.VERIFIED, Dmarc.PASS, ())
NONE = Trust(Verdict.UNVERIFIED, Dmarc.NONE, ())
UNCHECKED = Trust(Verdict.UNVERIFIED, Dmarc.UNCHECKED, ())
FAIL = Trust(Verdict.SUSPICIOUS, Dmarc.FAIL, ())
OTHER = "mallory@evil.example"


def mail(came: MailIn, known: KnownMail | None = None) -> list[fx.Effect]:
    return decide(came, known or KnownMail(PARK), SETTINGS)


def locked(effects: list[fx.Effect]) -> bool:
    opened = only(effects, fx.OpenCase)
    return bool(opened) and opened[0].locked and opened[0].claims == CASE.reference


@pytest.mark.parametrize("trust", [PASS, NONE, UNCHECKED, None])
def test_token_and_address_join_unless_the_domain_disowns_the_mail(trust: Trust | None) -> None:
    effects = mail(replace(ADA, token="x", trust=trust), KnownMail(PARK, by_token=CASE))
    assert only(effects, fx.Words)[0].case == CASE.id and not only(effects, fx.OpenCase)


def test_a_disowned_mail_with_token_and_address_is_locked() -> None:
    effects = mail(replace(ADA, token="x", trust=FAIL), KnownMail(PARK, by_token=CASE))
    assert locked(effects)
    assert "did not send it" in " ".join(n.text for n in only(effects, fx.Notice))


def test_references_join_only_where_the_domain_vouches() -> None:
    known = KnownMail(PARK, by_references=CASE)
    assert not only(mail(replace(ADA, trust=PASS), known), fx.OpenCase)
    for trust in (NONE, UNCHECKED, FAIL, None):
        assert locked(mail(replace(ADA, trust=trust), known))


@pytest.mark.parametrize("trust", [PASS, NONE, UNCHECKED, FAIL, None])
@pytest.mark.parametrize("known", [KnownMail(PARK, by_token=CASE), KnownMail(PARK, by_references=CASE)])
def test_another_address_never_joins(trust: Trust | None, known: KnownMail) -> None:
    effects = mail(replace(ADA, from_address=OTHER, trust=trust), known)
    assert locked(effects) and not only(effects, fx.Acknowledge)


@pytest.mark.parametrize("address", [None, "ada@citizen.example "])
def test_a_doubtful_from_is_nobody(address: str | None) -> None:
    effects = mail(replace(ADA, from_address=address, trust=PASS), KnownMail(PARK, by_references=CASE))
    assert locked(effects) is (address is None)


def test_a_suspicious_new_mail_is_locked_without_a_claim_and_nothing_goes_to_its_address() -> None:
    effects = mail(replace(ADA, trust=FAIL))
    [opened] = only(effects, fx.OpenCase)
    assert opened.locked and opened.claims is None and opened.trust is Verdict.SUSPICIOUS
    assert not only(effects, fx.Acknowledge)
    told = " ".join(n.text for n in only(effects, fx.Notice))
    assert "may not come from" in told and "!apart" in told


def test_the_case_remembers_who_vouched_for_its_first_mail() -> None:
    assert only(mail(replace(ADA, trust=PASS)), fx.OpenCase)[0].trust is Verdict.VERIFIED
    assert only(mail(ADA), fx.OpenCase)[0].trust is None


def test_a_later_mail_that_nobody_vouches_for_says_so() -> None:
    confirmed = replace(CASE, trust=Verdict.VERIFIED)
    effects = mail(replace(ADA, token="x", trust=NONE), KnownMail(PARK, by_token=confirmed))
    assert "could not be confirmed" in only(effects, fx.Notice)[0].text
    for case, trust in ((confirmed, PASS), (confirmed, None), (CASE, NONE)):
        assert not only(mail(replace(ADA, token="x", trust=trust), KnownMail(PARK, by_token=case)), fx.Notice)


def test_an_out_of_office_is_a_small_notice_and_changes_nothing() -> None:
    answered = replace(CASE, status=Status.ANSWERED, participant=replace(CASE.participant, bounces=1))
    effects = mail(
        replace(ADA, token="x", automatic=True, text="I am away."), KnownMail(PARK, by_token=answered)
    )
    [notice] = effects
    assert isinstance(notice, fx.Notice) and "I am away." in notice.text and notice.case == CASE.id


def test_a_long_automatic_mail_keeps_all_its_words() -> None:
    effects = mail(
        replace(ADA, token="x", automatic=True, text="away " * 1000), KnownMail(PARK, by_token=CASE)
    )
    assert only(effects, fx.Words) and not only(effects, fx.Move)


def test_a_person_who_writes_again_can_be_reached_again() -> None:
    bounced = replace(CASE, participant=replace(CASE.participant, bounces=2))
    assert only(mail(replace(ADA, token="x"), KnownMail(PARK, by_token=bounced)), fx.Reached)


def test_what_a_mail_is_and_its_signature_are_shown() -> None:
    came = replace(ADA, remarks=("kind_tnef",), invitations=("Meeting, 1 May",), folded="Ada\n555-1234")
    effects = mail(came)
    assert only(effects, fx.Words)[0].folded == "Ada\n555-1234"
    texts = [n.text for n in only(effects, fx.Notice)]
    assert "Meeting, 1 May" in texts and any("winmail.dat" in t for t in texts)

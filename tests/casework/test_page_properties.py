"""What must never happen, whatever is sent in a form or done on a page."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.casework import effects as fx
from bridge.casework.decide import decide
from bridge.casework.known import KnownForm, KnownPage, Traffic
from bridge.errors import Refuse, Retry
from bridge.inbound import AnswerChange, FormAnswer, FormIn, PageAct, PageIn, ResumeIn
from bridge.model import Attachment, Reach, Source, Status
from tests.casework.world import ADA, CASE, DESK, PARK, SETTINGS, only

SECRET = "Wombat"
ADDRESS = "ada@citizen.example"
WORDY = st.text(alphabet="ab\n<>&{}%\u202e\ud800 ", max_size=20).map(
    lambda around: f"{around}{SECRET}{around}"
)
TITLES = st.text(alphabet="abc {}\n", min_size=1, max_size=20)
LANGUAGES = st.sampled_from(["en", "de", "ar", "fr-CA", "tr", "", "x y"])

FORMS = st.builds(
    FormIn,
    slug=st.just("park-2027"),
    form=st.just("ideas"),
    title=TITLES,
    staff_title=TITLES,
    reference=st.just("PARK-8K2M-4T"),
    language=LANGUAGES,
    name=WORDY | st.just(""),
    address=st.sampled_from([ADDRESS, None]),
    answers=st.lists(
        st.builds(
            FormAnswer,
            id=st.just("q"),
            label=TITLES,
            text=WORDY,
            staff_label=TITLES,
            staff_text=WORDY,
            personal=st.booleans(),
        ),
        max_size=4,
    ).map(tuple),
    attachments=st.lists(st.builds(Attachment, WORDY, st.just("text/plain"), st.just(b"x")), max_size=2).map(
        tuple
    ),
    page=st.sampled_from([0, 70]),
    confirm=st.sampled_from(["none", "before", "after"]),
    notice=st.sampled_from(["", "2027-03"]),
    digest=st.sampled_from(["", "ab" * 32]),
    suspicions=st.lists(st.sampled_from(["spam_trap", "spam_links", "spam_new"]), max_size=3).map(tuple),
    network=st.sampled_from(["", "192.0.2.0/24"]),
)
KNOWN_FORMS = st.builds(
    KnownForm,
    consultation=st.just(PARK),
    acknowledged_today=st.integers(0, 3),
    confirmed=st.booleans(),
    released=st.booleans(),
    traffic=st.builds(
        Traffic, st.sampled_from([0, 999]), st.sampled_from([0, 999]), st.sampled_from([0, 999])
    ),
    desk=st.sampled_from([DESK, None]),
)


def letters_are_fixed(effects: list[fx.Effect]) -> None:
    """A letter may reach anybody: nothing that a person wrote is in it, but for the address itself."""
    for letter in only(effects, fx.Letter):
        assert {f.name for f in fields(letter)} == {*("key", "slug", "address", "language", "values", "page")}
        assert SECRET not in f"{letter.values}{letter.language}{letter.address}"


@settings(max_examples=200, deadline=None)
@given(FORMS, KNOWN_FORMS)
def test_no_word_of_a_person_goes_to_an_address_that_is_not_shown_to_be_theirs(
    sent: FormIn, known: KnownForm
) -> None:
    effects = decide(sent, known, SETTINGS)
    letters_are_fixed(effects)
    for ack in only(effects, fx.Acknowledge):
        assert sent.address is not None and bool(ack.copy) is known.confirmed
    told = [e for e in effects if isinstance(e, fx.Reply | fx.Tell)]
    assert not any(SECRET in e.text for e in told), "the room's lines are about what is held, not its words"


@settings(max_examples=200, deadline=None)
@given(FORMS, KNOWN_FORMS)
def test_a_form_is_held_or_opens_one_case_and_mails_at_most_once(sent: FormIn, known: KnownForm) -> None:
    effects = decide(sent, known, SETTINGS)
    opened, held = only(effects, fx.OpenCase), only(effects, fx.HoldBack)
    assert len(opened) + len(held) == 1
    assert len(only(effects, fx.Letter)) + len(only(effects, fx.Acknowledge)) <= 1
    assert not (held and known.released)
    if opened:
        assert any(isinstance(e, fx.Words) for e in effects) and only(effects, fx.Notice)
        assert (opened[0].reach is Reach.MAIL) is bool(
            sent.address and (known.confirmed or sent.confirm == "none")
        )
    if sent.confirm != "none" and not known.confirmed:
        assert not only(effects, fx.Acknowledge)


PAGES = st.builds(
    PageIn,
    page=st.just(70),
    act=st.sampled_from(get_args(PageAct)),
    text=WORDY | st.just(""),
    attachments=st.lists(st.builds(Attachment, WORDY, st.just("text/plain"), st.just(b"x")), max_size=2).map(
        tuple
    ),
    changes=st.lists(st.builds(AnswerChange, TITLES, WORDY, WORDY | st.just("")), max_size=3).map(tuple),
    language=LANGUAGES,
)
CASES = st.builds(
    lambda status, reach, address: replace(
        CASE,
        channel=Source.FORM,
        page=70,
        status=status,
        participant=replace(ADA, name=SECRET, reach=reach, address=address),
    ),
    st.sampled_from(list(Status)),
    st.sampled_from(list(Reach)),
    st.sampled_from([ADDRESS, None]),
)
KNOWN_PAGES = st.builds(
    KnownPage,
    consultation=st.just(PARK),
    case=CASES | st.none(),
    address=st.sampled_from([ADDRESS, None]),
    language=LANGUAGES,
    reference=st.just("PARK-8K2M-4T"),
    title=TITLES,
    confirmed=st.booleans(),
    held=st.booleans(),
    item=st.sampled_from([5, None]),
    receipt=st.just(f'{{"answers": [{{"question": "q", "answer": "{SECRET}", "files": []}}]}}'),
    desk=st.sampled_from([DESK, None]),
    released=st.booleans(),
)


@settings(max_examples=400, deadline=None)
@given(PAGES, KNOWN_PAGES)
def test_every_act_has_an_answer_and_mails_nobody_who_has_not_shown_who_they_are(
    did: PageIn, known: KnownPage
) -> None:
    try:
        effects = decide(did, known, SETTINGS)
    except Retry:
        assert known.case is None and known.held, "only what waits for a case waits"
        return
    except Refuse as refused:
        assert refused.reason and SECRET not in refused.reason and ADDRESS not in refused.reason
        assert did.act not in ("write", "change", "erase"), "words and rights are never refused"
        return
    assert effects
    letters_are_fixed(effects)
    proved = known.confirmed or did.act == "confirm"
    assert proved or not only(effects, fx.Acknowledge)
    for set_reach in only(effects, fx.SetReach):
        before = known.case.participant.reach if known.case is not None else None
        assert set_reach.reach is not Reach.MAIL or proved or before is Reach.MAIL
    assert not any(isinstance(e, fx.Mail | fx.Release | fx.Forget) for e in effects)


@settings(deadline=None)
@given(PAGES, KNOWN_PAGES)
def test_what_a_citizen_writes_is_in_the_room_or_held_for_it(did: PageIn, known: KnownPage) -> None:
    if did.act not in ("write", "change") or (known.case is None and known.held):
        return
    effects = decide(did, known, SETTINGS)
    shown = "".join(e.text for e in only(effects, fx.Words)) + "".join(
        e.excerpt for e in only(effects, fx.HoldBack)
    )
    if did.act == "write" and did.text:
        assert SECRET in shown
    files = [f for e in only(effects, fx.Words) for f in e.files]
    assert only(effects, fx.HoldBack) or did.act == "change" or files == list(did.attachments)


@settings(deadline=None)
@given(TITLES, LANGUAGES)
def test_the_link_back_holds_no_word_of_a_person(title: str, language: str) -> None:
    asked = ResumeIn("park-2027", "ideas", title, language, ADDRESS, "https://forms.alder.example/f/ideas/x")
    effects = decide(asked, KnownPage(PARK, address=ADDRESS), SETTINGS)
    letters_are_fixed(effects)
    assert len(effects) == 1

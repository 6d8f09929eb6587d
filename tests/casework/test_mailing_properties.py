"""What must never happen with mailings, whatever is typed: generated stories at the desk."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.casework.known_mailing import Addressee
from bridge.model import Reach, Status
from tests.casework.desk_book import Book, someone
from tests.casework.world import CLERK, MUTE, OFFICER

PEOPLE = st.builds(
    someone,
    st.integers(1, 6),
    status=st.sampled_from(Status),
    reach=st.sampled_from(Reach),
    address=st.sampled_from([None, b"ada", b"bea", b"cem"]),
    page=st.booleans(),
    joined=st.booleans(),
    bounces=st.integers(0, 3),
    unsubscribed=st.booleans(),
)
TEXTS = st.text(alphabet="ab \n<&é!", max_size=12)
WHOM = st.sampled_from(
    ["all", "open", "PARK-0001-00", "PARK-0001-00 PARK-0002-00 PARK-0001-00", "nobody", ""]
)
STEPS = st.one_of(
    st.tuples(st.just("ask"), WHOM, TEXTS),
    st.tuples(st.just("act"), st.sampled_from(["yes", "yes", "no", "stop"]), st.integers(0, 3)),
    st.tuples(st.just("edit"), TEXTS, st.integers(0, 3)),
    st.tuples(st.just("redact"), TEXTS, st.integers(0, 3)),
    st.tuples(st.just("become"), PEOPLE, st.integers(0, 3)),
)
SENDERS = st.sampled_from([CLERK, OFFICER, MUTE, "@eve:evil.example"])


def by_case(people: list[Addressee]) -> list[Addressee]:
    """A case is one citizen's."""
    return list({one.case: one for one in people}.values())


@settings(max_examples=400)
@given(
    st.lists(PEOPLE, max_size=6).map(by_case),
    st.lists(st.tuples(STEPS, SENDERS, st.booleans()), max_size=14),
)
def test_no_mail_without_a_yes_nobody_twice_and_nobody_who_may_not(
    people: list[Addressee], story: list[tuple[tuple[str, object, object], str, bool]]
) -> None:
    desk, said_yes = Book(people), set[int]()
    for (what, one, other), sender, trusted in story:
        before = len(desk.mails)
        numbers = sorted(desk.kept)
        number = numbers[int(str(other)) % len(numbers)] if numbers and isinstance(other, int) else None
        waits = number is not None and desk.states[number] == "waiting"
        if what == "ask":
            desk.say(f"!mail {one}\n{other}", sender, trusted=trusted)
        elif what == "become" and isinstance(one, Addressee):
            desk.people = by_case([*desk.people, one])
        elif number is None:
            continue
        elif what == "act":
            desk.say(f"!mail {desk.kept[number].code} {one}", sender, trusted=trusted)
            if one == "yes" and waits and trusted and sender in (CLERK, OFFICER):
                said_yes.add(number)
        elif what == "edit":
            desk.say(f"!{one}", sender, trusted=trusted, replaces=desk.kept[number].event_id)
        else:
            desk.redact(desk.kept[number].event_id, sender)
        new = desk.mails[before:]
        assert not new or (what == "act" and one == "yes" and number in said_yes)
        there = {p.case: p for p in desk.people}
        assert not any(there[m.case].unsubscribed or there[m.case].status is Status.LOCKED for m in new)
        mailed = [there[m.case].address for m in new if there[m.case].reach is Reach.MAIL]
        assert None not in mailed and len(mailed) == len(set(mailed)), "one mail to an address"
    assert {m.mailing for m in desk.mails} <= said_yes
    assert max(Counter((m.mailing, m.case) for m in desk.mails).values(), default=1) == 1
    assert all(m.case in desk.kept[m.mailing].cases for m in desk.mails)
    assert all(m.several == (sum(x.mailing == m.mailing for x in desk.mails) > 1) for m in desk.mails)
    codes = [kept.code for kept in desk.kept.values()]
    assert len(codes) == len(set(codes))


@given(st.text(alphabet="!mail \n\tYESyes0K3M9-PARKopen", max_size=40))
def test_whatever_is_typed_is_answered_or_a_note(typed: str) -> None:
    desk = Book([replace(someone(1), reference="PARK-0001-00")])
    desk.say(typed)
    assert not desk.mails and set(desk.states.values()) <= {"waiting"}

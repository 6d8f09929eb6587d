"""What is held back and what is not: people who write much, fast, together or in other letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.forms.settings import SpamSettings
from bridge.forms.spam import FAST, LINKS, NETWORK, POINTS, REPEATED, TRAP, Sent, signs, suspicions
from tests.growth import grows_evenly

SETTINGS = SpamSettings()
IDEA = "A bench near the gate would be good, because my mother cannot walk far. Thank you for asking us!"
LETTER = " ".join([IDEA, "The paths are steep and in winter they are full of ice."] * 3)
ARABIC = "أقترح وضع مقعد قرب البوابة لأن والدتي لا تستطيع المشي طويلا في الحديقة"
CHINESE = "我建议在门口放一张长椅，因为我母亲走不了很远。" * 5


@pytest.mark.parametrize(
    "sent",
    [
        Sent([IDEA]),
        Sent([LETTER, "Ada Citizen", "yes", "yes", "yes"]),
        Sent([ARABIC, ARABIC]),
        Sent([CHINESE]),
        Sent(["no idea", "no idea", "no idea", "no idea"]),
        Sent([]),
        Sent(["See https://a.example, https://b.example and www.c.example"]),
        Sent([IDEA], seconds=5),
        Sent([IDEA], seconds=-60),  # the clock was turned back in between
        Sent(["-" * 3000 + "\n" + "=" * 3000]),
        Sent(["1 2 3 4 5 6 7 8 9 " * 5]),
    ],
)
def test_people_are_not_held(sent: Sent) -> None:
    assert suspicions(sent, SETTINGS) == ()


LINKED = " ".join(f"https://shop{n}.example/buy" for n in range(4))


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (Sent([IDEA], trap="https://shop.example"), (TRAP,)),
        (Sent([LINKED]), (LINKS,)),
        (Sent(["[url=x]a[/url] <a href=x>b</a> HTTP://c WWW.d.example"]), (LINKS,)),
        (Sent(["ｈｔｔｐｓ：／／shop.example " * 4]), (LINKS,)),  # letters that only look otherwise
        (Sent(["Buy cheap watches"] * 3), (REPEATED,)),
        (Sent(["Buy cheap watches", "buy  CHEAP watches", "Buy cheap\nwatches", IDEA]), (REPEATED,)),
        (Sent(["buy now " * 50]), (REPEATED,)),
        (Sent([IDEA], seconds=1), (FAST,)),
        (Sent([IDEA], crowded=True), (NETWORK,)),
        (Sent([LINKED], trap="x", seconds=0, crowded=True), (TRAP, LINKS, FAST, NETWORK)),
    ],
)
def test_what_is_held(sent: Sent, found: tuple[str, ...]) -> None:
    assert suspicions(sent, SETTINGS) == found == signs(sent, SETTINGS)


@pytest.mark.parametrize(
    ("sent", "held"),
    [
        (Sent([IDEA], seconds=1, solved=True), False),
        (Sent([IDEA], crowded=True, solved=True), False),
        (Sent([IDEA], seconds=1, crowded=True, solved=True), True),
        (Sent([LINKED], solved=True), True),
        (Sent([IDEA], trap="x", solved=True), True),
        (Sent([IDEA], solved=True), False),
    ],
)
def test_a_solved_puzzle_only_lowers_the_score(sent: Sent, held: bool) -> None:
    assert bool(suspicions(sent, SETTINGS)) is held
    assert signs(sent, SETTINGS) == () or not held or suspicions(sent, SETTINGS) == signs(sent, SETTINGS)


SENT = st.builds(
    Sent,
    texts=st.lists(st.text(max_size=80) | st.sampled_from([LINKED, IDEA, "buy now " * 50]), max_size=6),
    trap=st.sampled_from(["", " ", "x"]),
    seconds=st.floats(-10, 100),
    crowded=st.booleans(),
)


@given(SENT)
def test_without_a_puzzle_every_sign_is_enough_and_with_it_never_more(sent: Sent) -> None:
    """Who has no JavaScript is judged as if there were no puzzle; who solved one is never worse off."""
    plain = suspicions(sent, SETTINGS)
    solved = suspicions(Sent(sent.texts, sent.trap, sent.seconds, sent.crowded, solved=True), SETTINGS)
    assert plain == signs(sent, SETTINGS) and set(plain) <= set(POINTS)
    assert solved in ((), plain)


def test_the_operator_sets_the_limits() -> None:
    strict, lax = SpamSettings(seconds=60, links=1), SpamSettings(seconds=0, links=100)
    sent = Sent(["see https://a.example"], seconds=20)
    assert signs(sent, strict) == (LINKS, FAST) and signs(sent, lax) == ()


@pytest.mark.parametrize("unit", ["<a ", "www.", "h", " ", "https://", "[url", "\u0301", "buy "])
def test_no_answer_is_read_back_and_forth(unit: str) -> None:
    assert grows_evenly(lambda text: signs(Sent([text] * 3), SETTINGS), unit * 50_000)

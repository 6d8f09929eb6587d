"""Posts made of anything break no page; `bench.fuzz_forms` sends a hundred times as many."""

from __future__ import annotations

import pytest

from tests.forms.fuzzed import MARK, Answer, faults, fuzz

SEEDS = (1, 2)
POSTS = 1000  # of each


async def test_no_post_breaks_a_page() -> None:
    kinds, answers = set[str](), set[int]()
    for seed in SEEDS:
        fuzzer = await fuzz(seed, POSTS)
        assert fuzzer.finds == []
        kinds |= {arrival.kind for arrival in fuzzer.ledger.arrivals.values()}
        answers |= set(fuzzer.answers)
    assert {"submission", "page", "unsubscribe"} <= kinds, "it came as far as people do"
    assert {200, 303, 400, 403, 404, 415, 422, 503} <= answers


GOOD = (
    "HTTP/1.1 {} x\nContent-Security-Policy: default-src 'none'\n"
    "X-Content-Type-Options: nosniff\nReferrer-Policy: x\nContent-Type: text/html\n"
)


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        (Answer(200, GOOD.format(200), "<p>fine"), []),
        (Answer(500, GOOD.format(500), ""), ["status 500"]),
        (Answer(200, GOOD.format(200), f"<p>{MARK} onload=1>"), ["markup of a stranger in the page"]),
        (Answer(200, GOOD.format(200).replace("text/html", "application/json"), f'"{MARK}"'), []),
        (Answer(303, GOOD.format(303) + "Location: //evil.example\n", ""), ["a redirect to another host"]),
        (
            Answer(303, GOOD.format(303) + "Location: https://evil.example/\n", ""),
            ["a redirect to another host"],
        ),
        (Answer(200, GOOD.format(200) + "Set-Cookie: a=b\n", ""), ["a cookie"]),
        (Answer(200, "HTTP/1.1 200 OK\n", ""), ["200 from elsewhere than the pages"]),
        (Answer(200, GOOD.format(200).replace("nosniff", ""), ""), ["no X-Content-Type-Options"]),
        (Answer(200, GOOD.format(200).replace("none", "unsafe-inline"), ""), ["a policy that is unsafe"]),
        (Answer(400, "HTTP/1.1 400 Bad Request\n", "Bad status line"), []),
    ],
)
def test_what_would_be_found(answer: Answer, wrong: list[str]) -> None:
    assert faults(answer) == wrong

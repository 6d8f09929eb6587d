"""The proof of work: good once for its own draft, harmless whatever is sent, and at home under the
strict policy in a real browser."""

from __future__ import annotations

import base64
import html
import json
import random
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import altcha
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.config_web import read_widget
from bridge.forms.altcha import FIELD, LEAST, MOST, Puzzles
from tests.browser.chromium import chromium, launched
from tests.forms.site import Site, settings, site
from tests.lacking import lacking
from tests.waiting import until

ROOT = Path(__file__).parent.parent.parent
PUZZLES = Puzzles(b"p" * 32)


def solution(challenge: str) -> dict[str, Any]:
    """What a browser makes of a challenge."""
    read = altcha.Challenge.from_dict(json.loads(challenge))
    found = altcha.solve_challenge(read, counter_start=LEAST)
    assert found is not None
    return altcha.Payload(read, found).to_dict()


def packed(payload: object) -> str:
    return base64.b64encode(json.dumps(payload).encode()).decode()


SOLVED = solution(PUZZLES.challenge(7))


def test_a_solution_is_good_for_its_draft_and_for_no_other() -> None:
    """A replay is worth nothing: a draft is sent once, and no other one takes it."""
    assert PUZZLES.solved(packed(SOLVED), 7)
    assert not any(PUZZLES.solved(packed(SOLVED), draft) for draft in (0, 6, 8, -7, 2**62))
    assert not Puzzles(b"q" * 32).solved(packed(SOLVED), 7)


def test_every_challenge_is_another_one_with_work_between_the_bounds() -> None:
    made = [json.loads(PUZZLES.challenge(7)) for _ in range(20)]
    assert len({one["parameters"]["nonce"] for one in made}) == 20
    assert len({one["parameters"]["keyPrefix"] for one in made}) == 20
    assert LEAST <= SOLVED["solution"]["counter"] < MOST
    assert "7" not in made[0]["parameters"]["data"].values(), "a draft's number is not told"


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p["solution"].update(derivedKey="00" * 32),
        lambda p: p["solution"].update(derivedKey=None),
        lambda p: p["challenge"].update(signature=None),
        lambda p: p["challenge"].update(signature="00" * 32),
        lambda p: p["challenge"]["parameters"].update(cost=1),
        lambda p: p["challenge"]["parameters"].update(keyPrefix=""),
        lambda p: p["challenge"]["parameters"].update(keySignature=None),
        lambda p: p["challenge"]["parameters"].update(data={"draft": "x"}),
        lambda p: p["challenge"]["parameters"].update(data=None),
        lambda p: p["challenge"]["parameters"].update(data=[1]),
        lambda p: p["challenge"]["parameters"].update(expiresAt=1e400),
        lambda p: p["challenge"]["parameters"].update(algorithm="SCRYPT", cost=2**30),
        lambda p: p["challenge"].update(parameters="x"),
        lambda p: p.update(challenge=[], solution={}),
        lambda p: p.clear(),
    ],
)
def test_nothing_of_it_can_be_changed(change: Any) -> None:
    forged = json.loads(json.dumps(SOLVED))
    change(forged)
    assert not PUZZLES.solved(packed(forged), 7)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["challenge", "solution", "parameters", "signature", "nonce", "salt", "cost", "algorithm", "counter",
         "derivedKey", "data", "__proto__"]), inner, max_size=6),
    max_leaves=12,
)  # fmt: skip


@given(
    st.text(max_size=200)
    | st.binary(max_size=200).map(lambda b: base64.b64encode(b).decode())
    | JSON.map(packed)
)
def test_whatever_is_sent_says_nothing(payload: str) -> None:
    assert PUZZLES.solved(payload, 7) is False


def test_deep_and_long_payloads_are_not_looked_into() -> None:
    for raw in ('{"challenge":' * 100, "[" * 3000, "9" * 3000, '{"a":' + "9" * 3000 + "}"):
        assert not PUZZLES.solved(base64.b64encode(raw.encode()).decode(), 7)
    padded = {**SOLVED, "more": "x" * 5000}
    assert not PUZZLES.solved(packed(padded), 7)


def test_guesses_never_hit() -> None:
    """Without the work: a random key for a true challenge."""
    chance = random.Random(27)
    for _ in range(2000):
        guess = {"counter": chance.randrange(LEAST, MOST), "derivedKey": chance.randbytes(32).hex()}
        assert not PUZZLES.solved(packed({**SOLVED, "solution": guess}), 7)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Puzzles(b"short")


# ------------------------------------------------------------------ in a browser


@pytest.fixture(scope="module")
def widget(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    if shutil.which("npm") is None:
        lacking("npm")
    path = tmp_path_factory.mktemp("widget") / "altcha.js"
    done = subprocess.run(
        [ROOT / "scripts" / "widget", path], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return read_widget(path)


def test_the_script_calls_nobody_and_watches_nobody(widget: bytes) -> None:
    """It is told not to; and the policy of the pages would not let it (`connect-src` is none)."""
    assert b"humanInteractionSignature: false" in widget and b'auto: "onload"' in widget
    assert b"MIT License" in widget[:400]
    assert b"blob:" not in widget and b'createElement("style")' not in widget


async def in_a_browser(s: Site, path: str, scripts: bool) -> tuple[list[str], set[str]]:
    """Opens a check page and presses its button; what the browser complained of, and what it asked for."""
    installed = chromium()
    if installed is None:
        lacking("chromium")
    complaints: list[str] = []
    asked: set[str] = set()
    async with launched(installed) as browser:
        page = await browser.new_page(java_script_enabled=scripts)
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.add(request.url.partition("?")[0]))
        answer = await page.goto(s.browser.root + path)
        assert answer is not None
        assert "unsafe" not in answer.headers["content-security-policy"]
        if scripts:
            solved = page.locator(f"input[name={FIELD}]")
            await solved.wait_for(state="attached", timeout=60_000)
            await until(solved.input_value, 60, "it is solved")  # a slow machine takes a moment for it
        assert not await page.locator("altcha-widget").is_visible()
        await page.click("button[value=send]")
        await page.wait_for_url("**/sent**")
    return complaints, asked


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_browser_solves_it_under_the_strict_policy_or_does_without(
    widget: bytes, scripts: bool
) -> None:
    """What speaks against this form is that it was sent too fast; no other host is asked for anything."""
    chosen = replace(settings("http://127.0.0.1"), altcha=widget)
    async with site(chosen=chosen) as s:
        check = await s.to_check(idea="A bench")
        complaints, asked = await in_a_browser(s, check.url, scripts)
        assert complaints == [] and all(url.startswith(f"{s.browser.root}/") for url in asked)
        assert (f"{s.browser.root}/static/altcha.js" in asked) is scripts
        assert s.channel.numbers()["forms_solved_total"] == scripts
        assert s.sent[0].suspicions == (() if scripts else ("spam_fast",))


async def test_what_was_solved_for_one_form_does_nothing_for_the_next(widget: bytes) -> None:
    async with site(chosen=replace(settings(), altcha=widget)) as s:
        first = await s.to_check(idea="One")
        found = re.search(r'challenge="([^"]*)"', first.html)
        assert found is not None
        payload = packed(solution(html.unescape(found[1])))
        await s.browser.submit(await s.to_check(idea="Two"), "send", **{FIELD: payload})
        await s.browser.submit(first, "send", **{FIELD: payload})
        assert [sent.suspicions for sent in s.sent] == [("spam_fast",), ()]


async def test_without_the_script_there_is_no_trace_of_it() -> None:
    async with site() as s:
        check = await s.to_check(idea="A bench")
        assert "altcha" not in check.html and "script" not in check.headers["Content-Security-Policy"]
        assert (await s.browser.get("/static/altcha.js")).status == 404


async def test_the_script_runs_on_no_other_page(widget: bytes) -> None:
    async with site(chosen=replace(settings(), altcha=widget)) as s:
        question = await s.start()
        for page in (question, await s.browser.get("/"), await s.browser.get("/f/short")):
            assert "altcha" not in page.html and "script-src" not in page.headers["Content-Security-Policy"]
        done = await s.browser.submit(await s.to_check(idea="A bench"), "send")
        assert "script" not in done.html and "script-src" not in done.headers["Content-Security-Policy"]

"""The proof of work: good once for its own draft, harmless whatever is sent, and at home under the
strict policy in a real browser."""

from __future__ import annotations

import base64
import html
import json
import random
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import altcha
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bridge.config_web import read_widget
from bridge.forms.altcha import FIELD, LEAST, MOST, Puzzles
from bridge.forms.guard import Guard
from bridge.forms.settings import FormsSettings
from bridge.forms.sieve import Sieve
from tests.lacking import lacking

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


HEAD = '<!DOCTYPE html><html lang="en"><title>Check</title><link rel="icon" href="/static/altcha.js">'


@asynccontextmanager
async def served(script: bytes) -> AsyncIterator[tuple[str, Sieve, list[str]]]:
    """A last page with the widget behind the guard; what was posted to it."""
    settings = FormsSettings("127.0.0.1", 0, "http://127.0.0.1", b"s" * 32, "Alder City", altcha=script)
    sieve, got = Sieve(settings), list[str]()
    guard = Guard(settings, lambda _, status: web.Response(status=status), sieve.visitors)

    async def page(_: web.Request) -> web.Response:
        text = (
            f'{HEAD}<script type="module" src="/static/altcha.js"></script><form method="post" novalidate>'
            f'<altcha-widget hidden challenge="{html.escape(sieve.challenge(7))}"></altcha-widget>'
            "<button>Send</button>"
        )
        return web.Response(text=text, content_type="text/html")

    async def posted(request: web.Request) -> web.Response:
        got.append(str((await request.post()).get(FIELD, "")))
        return web.Response(text=f"{HEAD}sent", content_type="text/html")

    async def static(_: web.Request) -> web.Response:
        return web.Response(body=script, content_type="text/javascript")

    app = web.Application(middlewares=[guard.middleware])
    app.on_response_prepare.append(guard.headers)
    app.router.add_get("/f/park/d/token/check", page)
    app.router.add_post("/f/park/d/token/check", posted)
    app.router.add_get("/static/altcha.js", static)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/f/park/d/token/check", sieve, got
    finally:
        await runner.cleanup()


async def test_a_browser_solves_it_under_the_strict_policy(widget: bytes) -> None:
    from playwright.async_api import async_playwright  # noqa: PLC0415 – of the browser's tests alone

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        lacking("chromium")
    async with served(widget) as (address, sieve, got), async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        complaints: list[str] = []
        asked: list[str] = []
        page = await browser.new_page()
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        answer = await page.goto(address)
        assert answer is not None
        assert "unsafe" not in answer.headers["content-security-policy"]
        await page.wait_for_selector(f"input[name={FIELD}]", state="attached", timeout=30_000)
        assert not await page.locator("altcha-widget").is_visible()
        await page.click("button")
        await page.wait_for_load_state()
        await browser.close()
        assert complaints == []
        root = address.partition("/f/")[0]
        assert {url.removeprefix(root) for url in asked} == {"/f/park/d/token/check", "/static/altcha.js"}
        assert [sieve._puzzles.solved(payload, 7) for payload in got if sieve._puzzles] == [True]

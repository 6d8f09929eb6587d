"""Guessing reply tokens (CVE-2026-40496, tokens too short in another help desk).

128 bits under a key of their own; what is stored is a keyed digest, which is all that is ever looked
up: a guess that is nearly right takes the same way as one that is not.  Return paths hold a number
under a seal of 64 bits, compared in constant time; whoever guessed one could report on one mail.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bridge import replytoken
from bridge.email import thread
from bridge.ledger.tables import links
from bridge.replytoken import BYTES, new_return, new_token, returned
from tests.email.mails import DOMAIN, mail
from tests.email.office import Office, address_in, opened

GUESSES = 200_000
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


@pytest.fixture
async def office(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(migrated_sqlite, tmp_path) as office:
        for n in range(20):
            await office.come(mail(message_id=f"<{n}@x.example>", **{"from": f"citizen{n}@home.example"}))
        yield office


def token_of(office: Office, nth: int = 0) -> str:
    return address_in(office.sink.taken[nth], "Reply-To").partition("+")[2].partition("@")[0]


async def test_no_hit_in_many_guesses(office: Office) -> None:
    """Random ones, and neighbours of a true one: through the function that the look-up uses."""
    stored = {bytes(row.mac) for row in await office.home.all(links)}
    assert len(stored) == 20
    chance, true, keys = random.Random(4), token_of(office), office.home.ledger.keys
    assert keys.token_mac(true) in stored and keys.token_mac(true.upper()) in stored
    guesses = {new_token(chance.randbytes(BYTES)) for _ in range(GUESSES)}
    neighbours = {true[:at] + letter + true[at + 1 :] for at in range(1, len(true)) for letter in LETTERS} - {
        true
    }
    assert len(guesses) == GUESSES
    assert not [guess for guess in guesses | neighbours if keys.token_mac(guess) in stored]


async def test_a_guess_opens_a_case_of_its_own_and_claims_nothing(office: Office) -> None:
    chance = random.Random(5)
    for n in range(20):
        guess = thread.reply_address("park-2027", new_token(chance.randbytes(BYTES)), DOMAIN)
        await office.come(mail(message_id=f"<g{n}@x.example>", **{"from": f"guess{n}@home.example"}), guess)
    cases = await office.cases()
    assert len(cases) == 40 and {case.claims for case in cases} == {None}


async def test_what_is_stored_is_a_keyed_digest(office: Office) -> None:
    """Without the key nothing is gained from the table: no token, no plain hash of one."""
    stored = {bytes(row.mac) for row in await office.home.all(links)}
    for nth in range(20):
        token = token_of(office, nth)
        for name in ("sha256", "sha1", "md5", "sha512", "blake2b"):
            assert hashlib.new(name, token.encode()).digest()[:32] not in stored
        assert token.encode() not in b"".join(stored)
    assert {len(mac) for mac in stored} == {32}
    other = office.home.ledger.keys.named("link").mac("token:" + token_of(office))
    assert other not in stored, "the digest is under a key of its own, not under that which makes tokens"


async def test_a_token_is_bound_to_its_case_and_person(office: Office) -> None:
    tokens = {token_of(office, nth) for nth in range(20)}
    assert len(tokens) == 20
    rows, cases = await office.home.all(links), await office.cases()
    assert {(row.case_id, row.participant_id) for row in rows} == {(c.id, c.participant_id) for c in cases}


def test_no_return_path_in_many_guesses() -> None:
    """Each with the number of a true one, its seal guessed; and true ones under another secret."""
    chance, secret = random.Random(6), bytes(range(32))
    number = (77).to_bytes(8, "big")
    guesses = (replytoken.RETURN + new_token(number + chance.randbytes(8))[1:] for _ in range(GUESSES))
    assert not [guess for guess in guesses if returned(guess, secret) is not None]
    assert returned(new_return(77, secret), secret) == 77
    assert returned(new_return(77, bytes(32)), secret) is None


def test_no_message_id_in_many_guesses() -> None:
    chance, secret = random.Random(7), bytes(range(32))
    true = thread.message_id(77, 1_800_000_000_000, secret, DOMAIN)
    start, end = true.rindex(".", 0, true.index("@")) + 1, true.index("@")
    guesses = [
        true[:start] + "".join(chance.choices(LETTERS, k=end - start)) + true[end:] for _ in range(50_000)
    ]
    assert thread.own_ids(guesses, secret, DOMAIN) == () and thread.own_ids([true], secret, DOMAIN) == (true,)


@pytest.mark.parametrize("module", [replytoken, thread])
def test_seals_are_compared_in_constant_time(module: object) -> None:
    """No difference in time: a secret is compared by `compare_digest`, never by `==`."""
    tree = ast.parse(inspect.getsource(module))  # type: ignore[arg-type]
    calls = [
        n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == "hmac.compare_digest"
    ]
    assert calls
    compared = [ast.unparse(n) for n in ast.walk(tree) if isinstance(n, ast.Compare)]
    assert not [text for text in compared if "_seal(" in text or "seal ==" in text]


@pytest.fixture
def asked() -> Iterator[list[tuple[str, Any]]]:
    """Every statement with its values, as the database gets them."""
    found: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        found.append((statement, values))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


async def test_only_the_digest_is_asked_for(office: Office, asked: list[tuple[str, Any]]) -> None:
    """No difference in time: the database is asked for a digest alone, be a guess right or nearly so."""
    true, keys = token_of(office), office.home.ledger.keys
    near = true[:-2] + ("aa" if true[-2:] != "aa" else "bb")
    seen = []
    for n, token in enumerate((true, near)):
        asked.clear()
        to = thread.reply_address("park-2027", token, DOMAIN)
        await office.come(mail(message_id=f"<t{n}@x.example>", **{"from": "citizen0@home.example"}), to)
        looked_up = [(text, values) for text, values in asked if "FROM links" in text]
        assert [keys.token_mac(token) in values for _, values in looked_up] == [True]
        assert token not in repr(asked)
        seen.append([text for text, _ in looked_up])
    assert seen[0] == seen[1] and "mac = " in seen[0][0]
    assert len(await office.cases()) == 21, "the true one joined, the near one opened a case"

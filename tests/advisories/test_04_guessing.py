"""Guessing reply tokens and the addresses of pages (CVE-2026-40496, tokens too short in another help desk).

128 bits under a key of their own; what is stored is a keyed digest, which is all that is ever looked
up: a guess that is nearly right takes the same way as one that is not.  Return paths hold a number
under a seal of 64 bits, compared in constant time; whoever guessed one could report on one mail.

The pages of cases, drafts, saved forms and confirmations have 128 bits and more, and are looked up in the
same way.  Ten million guesses a second would hit one of a million pages in some 10^18 years.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import random
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bridge import replytoken
from bridge.email import thread
from bridge.forms import tokens as views
from bridge.ledger import tokens as addresses
from bridge.ledger.page_tables import drafts, pages
from bridge.ledger.tables import links
from bridge.replytoken import BYTES, new_return, new_token, returned
from tests.email.mails import DOMAIN, mail
from tests.email.office import Office, address_in, opened
from tests.ledger.people import send

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


@pytest.mark.parametrize("module", [replytoken, thread, views])
def test_seals_are_compared_in_constant_time(module: object) -> None:
    """No difference in time: a secret is compared by `compare_digest`, never by `==`."""
    tree = ast.parse(inspect.getsource(module))  # type: ignore[arg-type]
    calls = [
        n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == "hmac.compare_digest"
    ]
    assert calls
    compared = [ast.unparse(n) for n in ast.walk(tree) if isinstance(n, ast.Compare)]
    secret = re.compile(r"_(seal|mac|mark)\(|\b(seal|mac)\b ==|== (seal|mac)\b")
    assert not [text for text in compared if secret.search(text)]


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


# ------------------------------------------------------------------ the citizens' pages

SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.fixture
async def visited(office: Office) -> Office:
    """An office whose ledger also has twenty pages, drafts and saved forms."""
    for n in range(20):
        await send(office.home, address=f"citizen{n}@home.example")
        token = await office.home.store.begin("ideas", "en", values={})
        draft = await office.home.store.draft(token)
        assert draft is not None
        await office.home.store.keep(draft.id)
    return office


async def stored_digests(office: Office) -> set[bytes]:
    """All that is looked up when somebody opens an address of the pages or types a code."""
    kept = [(row.mac, row.confirm_mac) for row in await office.home.all(pages)]
    kept += [(row.mac, row.code_mac) for row in await office.home.all(drafts)]
    return {bytes(mac) for pair in kept for mac in pair if mac is not None}


async def test_no_page_draft_or_code_in_many_guesses(visited: Office) -> None:
    """Random ones, and neighbours of true ones: through the functions that the look-ups use."""
    chance, keys = random.Random(8), visited.home.ledger.keys
    stored = await stored_digests(visited)
    assert len(stored) == 20 + 20 + 20 + 20 + 20  # pages, confirmations, sent drafts, drafts, codes
    page = (await visited.home.all(pages))[0].id
    true = (addresses.page_token(keys, page, 0), addresses.confirm_token(keys, page))
    assert all(keys.page_mac(token) in stored for token in true)
    guesses = {
        token[:at] + sign + token[at + 1 :] for token in true for at in range(len(token)) for sign in SIGNS
    } - set(true)
    guesses |= {addresses.page_token(keys, page, turn) for turn in range(1, 50)}
    guesses |= {addresses.leave_token(keys, page), *map(str, (page, page + 1))}
    guesses |= {"".join(chance.choices(SIGNS, k=22)) for _ in range(GUESSES // 4)}
    looked_up = (keys.page_mac, keys.draft_mac, keys.code_mac, keys.token_mac)
    assert not [guess for guess in guesses for mac in looked_up if mac(guess) in stored]


def test_addresses_have_as_many_bits_as_they_say() -> None:
    assert addresses.BYTES * 8 == 128 and addresses.CODE * 5 == 130
    drafted = {addresses.new_token() for _ in range(1000)}
    assert len(drafted) == 1000 and {len(token) for token in drafted} == {22}
    codes = {addresses.new_code() for _ in range(1000)}
    assert len(codes) == 1000 and {len(code) for code in codes} == {addresses.CODE}
    assert len({sign for code in codes for sign in code}) == 32
    a_second, pages_there = 10_000_000, 1_000_000
    assert 2**128 / pages_there / a_second / (365 * 24 * 3600) > 1e18, "years until one is hit, on average"


async def test_what_is_stored_of_an_address_is_a_keyed_digest(visited: Office) -> None:
    keys, stored = visited.home.ledger.keys, await stored_digests(visited)
    for row in await visited.home.all(pages):
        for token in (addresses.page_token(keys, row.id, 0), addresses.confirm_token(keys, row.id)):
            for name in ("sha256", "sha1", "md5", "sha512", "blake2b"):
                assert hashlib.new(name, token.encode()).digest()[:32] not in stored
            assert token.encode() not in b"".join(stored)


async def test_only_the_digest_of_an_address_is_asked_for(
    visited: Office, asked: list[tuple[str, Any]]
) -> None:
    """No difference in time: a true one, one that is nearly right and one that is not ask the same."""
    keys, store = visited.home.ledger.keys, visited.home.store
    page = (await visited.home.all(pages))[0].id
    seen = []
    for token, there in ((addresses.page_token(keys, page, 0), True), ("A" * 22, False)):
        near = token[:-1] + ("A" if token[-1] != "A" else "Q")
        for guess in (token, near):
            asked.clear()
            found = await store.page(guess)
            assert (found is not None) is (there and guess == token)
            first = next((text, values) for text, values in asked if "FROM pages" in text)
            assert keys.page_mac(guess) in first[1] and guess not in repr(asked)
            seen.append(first[0])
    assert len(set(seen)) == 1 and "mac = " in seen[0]


async def test_the_number_of_a_showing_cannot_be_made(visited: Office) -> None:
    """`_once` and `_view`: without the secret none of many is one, and none is good for another page."""
    chance, issuer = random.Random(9), views.Tokens(bytes(range(32)))
    true = issuer.issue("page 4", views.View(bytes(16), 1_800_000_000))
    assert issuer.read("page 4", true, 1_800_000_000) is not None
    guesses = ["".join(chance.choices(SIGNS, k=len(true))) for _ in range(50_000)]
    guesses += [true[:at] + sign + true[at + 1 :] for at in range(len(true)) for sign in SIGNS]
    read = [guess for guess in guesses if issuer.read("page 4", guess, 1_800_000_000) is not None]
    assert set(read) <= {true}
    assert issuer.read("page 5", true, 1_800_000_000) is None
    assert views.Tokens(bytes(32)).read("page 4", true, 1_800_000_000) is None

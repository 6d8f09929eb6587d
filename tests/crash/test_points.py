"""No commit and no outside request without a named point: there are three doors, and no other way.

The writer commits, the client asks the homeserver, the sender hands over mails; each takes a
`Point` and calls the probe around the act.  What else opens a transaction or a connection is
listed here with its reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import bridge
from bridge.points import Point

ROOT = Path(bridge.__file__).parent
WITHOUT = {
    "ledger/schema.py": "migrates before anything runs; one transaction, begun anew after a crash",
    "ledger/lease.py": "takes a lock that ends with the process; stores nothing",
    "check.py": "the command `check` only looks",
    "look.py": "the command `check` only looks",
    "ledger/inspect.py": "the command `check` only looks",
}
DOORS = {
    "request": ("ClientSession", "HTTPAPI"),
    "mail": ("SMTP",),
}
OWNERS = {"request": "appservice/", "mail": "email/sender.py"}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith("demo/") and "migrations/" not in name:
            yield name, ast.parse(path.read_text("utf-8"))


def names(tree: ast.AST) -> Iterator[str]:
    """Every name that is called or inherited from."""
    for node in ast.walk(tree):
        called = [node.func] if isinstance(node, ast.Call) else []
        bases = node.bases if isinstance(node, ast.ClassDef) else []
        for target in [*called, *bases]:
            if isinstance(target, ast.Attribute):
                yield target.attr
            elif isinstance(target, ast.Name):
                yield target.id


def users(kind: str) -> set[str]:
    """The files that open a way out of that kind."""
    return {name for name, tree in sources() if set(DOORS[kind]) & set(names(tree))}


def test_only_the_writer_begins_transactions() -> None:
    """Through a runner, which knows no point; and nobody else has a runner.

    What the forms begin is a draft: they know no database (import-linter).
    """
    others = [(n, tree) for n, tree in sources() if n not in WITHOUT and not n.startswith("forms/")]
    begin = {n for n, tree in others if "begin" in set(names(tree))}
    assert begin == {"ledger/runners.py"}
    assert {n for n, tree in sources() if "runner_for" in set(names(tree))} == {"ledger/writer.py"}


def test_only_the_client_speaks_to_the_homeserver() -> None:
    others = {n for n in users("request") if not n.startswith(OWNERS["request"]) and n not in WITHOUT}
    assert not others
    inside = {n for n in users("request") if n.startswith(OWNERS["request"])}
    assert inside == {"appservice/client.py", "appservice/transport.py"}


def test_only_the_sender_hands_over_mails() -> None:
    importers = {
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any("aiosmtplib" in n for n in [getattr(node, "module", "") or "", *(a.name for a in node.names)])
    }
    assert importers - set(WITHOUT) == {OWNERS["mail"]}


def test_each_door_calls_the_probe_before_and_after() -> None:
    for file in ("ledger/writer.py", "appservice/client.py", "email/sender.py"):
        phases = {
            arg.value
            for node in ast.walk(ast.parse((ROOT / file).read_text("utf-8")))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "_probe"
            for arg in node.args
            if isinstance(arg, ast.Constant)
        }
        assert phases == {"before", "after"}, file


def test_every_point_is_somewhere() -> None:
    used = {
        node.attr
        for _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Point"
    }
    assert {p.name for p in Point} == used

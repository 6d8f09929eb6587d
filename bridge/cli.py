"""The command `folkmoot`: what operators type, and what they read.

Exit codes: 0 done, 1 a fault, 2 wrong use.  What was asked for goes to stdout, every error as
one line with the place and the remedy to stderr.  No command drives the bot: `apply` puts a
request into the inbox of the running bridge and waits for the outcome.

Parts that a command does not need are imported by the command that does: `--help` is quick, and
nothing but the demo needs the demo's extras.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bridge import config, consultations
from bridge.errors import Fate, Refuse
from bridge.faults import Wrong

T = TypeVar("T")

app = typer.Typer(
    name="folkmoot",
    help="Citizens' mails and forms in end-to-end encrypted Matrix rooms that municipalities share.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

ConfigOption = Annotated[Path, typer.Option("-c", "--config", help="The configuration file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_HERE = Path("folkmoot.yaml")
_UNBROKEN = 1000  # columns


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with `argv` (None: the process's own) and return its exit code."""
    try:
        app(args=argv, prog_name="folkmoot")
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else int(leave.code is not None)
    except Fate as fate:
        for line in fate.reason.splitlines():
            _errors().print(line)
        return 1
    return 0


def _console() -> Console:
    """Standard output; lines are not broken to fit when a file or a pipe takes them."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _UNBROKEN)


def _errors() -> Console:
    return Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def _checked(rule: Callable[[str], str]) -> Callable[[str], str]:
    """A rule of the configuration as a rule of an option: breaking it is wrong use."""

    def callback(value: str) -> str:
        try:
            return rule(value)
        except Wrong as wrong:
            raise typer.BadParameter(f"{wrong.what}. {wrong.remedy}") from None

    return callback


def _users(values: list[str]) -> list[str]:
    return [_checked(config.user_id)(value) for value in values]


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files are written.")],
    homeserver_url: Annotated[
        str, typer.Option(callback=_checked(config.web_url), help="The homeserver's client API.")
    ],
    server_name: Annotated[
        str, typer.Option(callback=_checked(config.matrix_server), help="What its users' IDs end with.")
    ],
    email_domain: Annotated[
        str, typer.Option(callback=_checked(config.mail_domain), help="The domain of the mailboxes.")
    ],
    public_url: Annotated[
        str, typer.Option(callback=_checked(config.web_url), help="The form pages' address for citizens.")
    ] = "http://127.0.0.1:8080",
    staff: Annotated[
        list[str], typer.Option(callback=_users, metavar="MXID", help="A staff member; may be repeated.")
    ] = [],  # noqa: B006 – typer copies it
) -> None:
    """Write a first configuration, key, registration, consultation and form."""
    from bridge import init as files

    answers = files.Answers(homeserver_url, server_name, email_domain, public_url, tuple(staff))
    console = _console()
    for path in files.write(directory, answers):
        console.print(f"wrote {path}", markup=False, soft_wrap=True)
    console.print("\nNext:")
    for number, step in enumerate(files.next_steps(directory.absolute(), answers), 1):
        console.print(f" {number}. {step}", markup=False, soft_wrap=True)


@app.command()
def run(file: ConfigOption = _HERE) -> None:
    """Run the bridge until SIGTERM or SIGINT."""
    os.umask(0o077)  # what it writes is sealed, but who wrote when is nobody else's business
    settings = config.load(file)
    from bridge.app import run as serve

    asyncio.run(_until_told(serve(settings)))
    logging.getLogger(__name__).info("stopped, as it was told")


async def _until_told(work: Coroutine[Any, Any, T]) -> T | None:
    """The result of `work`; None when a signal cancelled it, after it has cleaned up."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    told = False

    def stop() -> None:
        nonlocal told
        told = True
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if told:
            return None
        raise
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


@app.command()
def check(file: ConfigOption = _HERE, as_json: JsonOption = False) -> None:
    """Look at everything the bridge leans on; exit 1 when something is missing."""
    from bridge import check as checks
    from bridge.doctor.row import Row
    from bridge.ledger import inspect
    from bridge.look import Outside

    async def look() -> list[Row]:
        return [row async for row in checks.check(file, Outside(inspect.schema))]

    rows = asyncio.run(look())
    if as_json:
        _print_json(
            {"checks": [{"name": r.name, "ok": r.ok, "said": r.said, "remedy": r.advice} for r in rows]}
        )
    else:
        _print_rows(rows)
    if any(row.ok is False for row in rows):
        raise typer.Exit(1)


@app.command()
def apply(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Consultations' files.")],
    file: ConfigOption = _HERE,
    as_json: JsonOption = False,
) -> None:
    """Create or update consultations in the running bridge; safe to repeat."""
    settings = config.load(file)
    loaded = consultations.load_files(files)
    from bridge import asking

    if wrong := consultations.form_faults(loaded):
        raise Refuse("\n".join(wrong))

    async def ask() -> list[asking.ApplyOutcome]:
        return [await asking.apply(settings, one) for one in loaded]

    outcomes = asyncio.run(ask())
    if as_json:
        _print_json({"consultations": [{"slug": o.slug, "changed": list(o.changed)} for o in outcomes]})
        return
    console = _console()
    for outcome in outcomes:
        console.print(
            f"{outcome.slug}: {'; '.join(outcome.changed) or 'nothing to change'}",
            soft_wrap=True,
            markup=False,
        )


@app.command(name="list")
def list_(file: ConfigOption = _HERE, as_json: JsonOption = False) -> None:
    """The consultations the bridge knows."""
    settings = config.load(file)
    from bridge import asking

    found = asyncio.run(asking.list_consultations(settings))
    if as_json:
        _print_json(
            {
                "consultations": [
                    {
                        "slug": one.slug,
                        "title": one.title,
                        "mailbox": one.mailbox,
                        "address": one.address,
                        "open_cases": one.open_cases,
                        "rooms_ready": one.rooms_ready,
                        "partners": list(one.partners),
                    }
                    for one in found
                ]
            }
        )
        return
    table = Table("consultation", "title", box=None)
    table.add_column("address", overflow="fold")  # an address that is cut off is none
    for heading in ("open cases", "rooms", "partners"):
        table.add_column(heading)
    for one in found:
        rooms = "ready" if one.rooms_ready else "being made"
        table.add_row(one.slug, one.title, one.address, str(one.open_cases), rooms, ", ".join(one.partners))
    if found:
        _console().print(table)
    else:
        _console().print(_none_yet(settings), markup=False, soft_wrap=True)


def _none_yet(settings: config.Config) -> str:
    """What to do when the bridge knows no consultation; `ConfigFaults` when a file keeps it from one."""
    waiting = [loaded.path.name for loaded in consultations.load_all(settings)]
    if waiting:
        return f"no consultation yet: folkmoot run takes in {', '.join(waiting)} of {settings.consultations}"
    return (
        f"no consultation yet: write a file into {settings.consultations}, which folkmoot run takes in, "
        "or, while it runs, folkmoot apply FILE"
    )


@app.command(name="check-form")
def check_form(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Forms' files.")],
    as_json: JsonOption = False,
) -> None:
    """Look for every fault in the files of forms; exit 1 when there is one."""
    from datetime import UTC, datetime

    from bridge.forms import checking

    found = checking.check(files, datetime.now(UTC).timestamp())
    if as_json:
        _print_json({"forms": [one.document for one in found]})
    else:
        _print_forms(found)
    if any(one.form is None for one in found):
        raise typer.Exit(1)


@app.command(name="form-schema")
def form_schema() -> None:
    """Print the JSON Schema of forms, by which editors complete and check them."""
    from bridge.forms import jsonschema

    _print_json(jsonschema.document())


@app.command()
def qr(
    form: Annotated[str, typer.Argument(metavar="FORM", help="A form's id.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write a picture: .svg or .png.")
    ] = None,
    file: ConfigOption = _HERE,
) -> None:
    """Show the public address of a form as a QR code, for posters and letters."""
    settings = config.load(file)
    from bridge.forms import qr as codes

    known = sorted(f for one in consultations.load_all(settings) for f in one.consultation.forms)
    if form not in known:
        raise Refuse(f"no consultation has the form {form}; there are: {', '.join(known) or 'none'}")
    address = f"{settings.web.public_url}/f/{form}"
    if out is not None:
        codes.save(address, out)
        _console().print(f"wrote {out}", markup=False, soft_wrap=True)
    else:
        _console().print(codes.terminal(address), markup=False, soft_wrap=True, end="")
    _console().print(address, markup=False, soft_wrap=True)


@app.command(name="dkim-key")
def dkim_key(
    selector: Annotated[
        str | None, typer.Option(metavar="NAME", help="The key's name in DNS (default: by the month).")
    ] = None,
    file: ConfigOption = _HERE,
) -> None:
    """Make a key that signs mails, and show its DNS record."""
    from datetime import UTC, datetime

    from bridge import dkim_key as keys

    made = keys.make(file, selector or keys.usual_selector(datetime.now(UTC).date()))
    console = _console()
    for line in keys.lines(made):
        console.print(line, markup=False, soft_wrap=True)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="End after the story.")] = False,
    directory: Annotated[
        Path | None, typer.Option("--dir", help="Keep the demo's files here (default: a temporary folder).")
    ] = None,
) -> None:
    """Show the whole story on this machine: two homeservers, a citizen, an officer."""
    for extra in ("synapse", "nio"):
        if importlib.util.find_spec(extra) is None:
            raise Refuse(
                f"the demo needs {extra}, which is not installed: pip install '.[demo]' in the checkout"
            )
    from bridge.demo import story

    with contextlib.ExitStack() as stack:
        place = directory or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="folkmoot-demo-")))
        code = asyncio.run(_until_told(story.play(place, once, _console())))
    raise typer.Exit(code or 0)


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _print_rows(rows: Sequence[Any]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    marks = {True: "[green]✓[/]", False: "[red]✗[/]", None: "[dim]–[/]"}
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        said = Text(row.said)
        if row.remedy:
            said.append(f"\n→ {row.remedy}")
        table.add_row(marks[row.ok], row.name, said)
    _console().print(table)
    _print_zone([row for row in rows if row.zone])


def _print_forms(found: Sequence[Any]) -> None:
    """Good forms go to stdout; faults, and what could be better, to stderr."""
    for one in found:
        for fault in one.faults:
            _errors().print(str(fault))
        if one.form is not None:
            said = "\n  ".join([f"{one.file}: good", *one.lines])
            _console().print(said, markup=False, soft_wrap=True)
        for warning in one.warnings:
            _errors().print(f"{one.file}: worth a thought: {warning}")


def _print_zone(rows: Sequence[Any]) -> None:
    """Records to publish, as a zone file has them: whole lines, each with what it is for as a comment."""
    console = _console()
    if rows:
        console.print("\nFor DNS:")
    for row in rows:
        console.print(f"\n; {row.name}: {row.remedy}\n{row.zone}", markup=False, soft_wrap=True)

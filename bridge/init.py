"""`folkmoot init`: a first set of files that `folkmoot run` starts with.

    DIR/folkmoot.yaml  registration.yaml (0600)  folkmoot.key (0600)
        consultations/park-2027.yaml  forms/park-ideas.yaml

Nothing is overwritten: when one of them is there, none is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from bridge import config, consultations, keyfile
from bridge.appservice import registration
from bridge.errors import Refuse

_PORT = 29330
_FORM = "park-ideas.yaml"
_ONLY_HERE = "http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class Answers:
    """What only the host can know.  Without `staff` the example names users to be replaced."""

    homeserver_url: str
    server_name: str
    email_domain: str
    public_url: str = _ONLY_HERE
    staff: tuple[str, ...] = ()


def write(directory: Path, answers: Answers) -> list[Path]:
    """Write the files and return them.

    `Refuse` when one exists or the disk refuses; `ConfigFaults` (nothing is left behind) when
    the answers make no valid configuration.
    """
    directory = directory.absolute()
    contents = _contents(answers)
    if there := [name for name in contents if (directory / name).exists()]:
        raise Refuse(f"{directory / there[0]} is already there. Name an empty folder, or move the file away")
    try:
        return _write_all(directory, contents)
    except OSError as error:
        reason = (error.strerror or "unknown").lower()
        raise Refuse(f"{directory} cannot be written ({reason}). Choose a folder of your own") from None


def _write_all(directory: Path, contents: Mapping[str, str]) -> list[Path]:
    written: list[Path] = []
    try:
        for name, text in contents.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if name in _SECRET:
                keyfile.write_secret(path, text)
            else:
                with path.open("x", encoding="utf-8") as file:
                    file.write(text)
            written.append(path)
        consultations.load_all(config.load(directory / "folkmoot.yaml"))
    except (OSError, Refuse):
        for path in written:
            path.unlink()
        raise
    return written


def _contents(answers: Answers) -> dict[str, str]:
    """The files' texts, by their names."""
    form = resources.files("bridge.forms") / "examples" / _FORM
    name = answers.server_name
    staff = answers.staff or (f"@clerk:{name}",)
    home = f"{{url: {_quoted(answers.homeserver_url)}, server_name: {_quoted(name)}}}"
    return {
        "folkmoot.yaml": _CONFIG.format(
            homeserver=home,
            domain=_quoted(answers.email_domain),
            public_url=_quoted(answers.public_url),
            operators=_listed(answers.staff[:1] or (f"@admin:{name}",)),
        ),
        "registration.yaml": registration.dump(registration.create(f"http://127.0.0.1:{_PORT}", name)),
        "folkmoot.key": keyfile.new_key(),
        "consultations/park-2027.yaml": _CONSULTATION.format(staff=_listed(staff), form=_FORM),
        f"forms/{_FORM}": form.read_text("utf-8"),
    }


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _listed(texts: Sequence[str]) -> str:
    return "[" + ", ".join(map(_quoted, texts)) + "]"


def next_steps(directory: Path, answers: Answers) -> list[str]:
    """What the operator does now, in six steps."""
    pages = answers.public_url
    if pages == _ONLY_HERE:
        pages = "an address for the form pages (write it as web.public_url)"
    people = "your staff" if not answers.staff else "your partners"
    return [
        f"Give Synapse the path of {directory / 'registration.yaml'} under app_service_config_files in "
        "homeserver.yaml (its user must be able to read the file), and restart it.",
        f"Let your mail server hand mail for {answers.email_domain} to 127.0.0.1 port 2525, and name it "
        "as email.relay in folkmoot.yaml.",
        f"Let your web server pass {pages} to 127.0.0.1 port 8080.",
        f"Write {people} into consultations/park-2027.yaml, and operators into folkmoot.yaml.",
        f"folkmoot check -c {directory / 'folkmoot.yaml'}   until no line has a ✗",
        f"folkmoot run -c {directory / 'folkmoot.yaml'}   and keep copies of folkmoot.key, and of the "
        "recovery.key that the first start writes, away from this machine.",
    ]


_SECRET = frozenset({"folkmoot.key", "registration.yaml"})

_CONFIG = """\
# Folkmoot's configuration.  Relative paths are relative to this file; `folkmoot check` says
# whether everything in it works.  Lines behind a # show defaults.

# organisation: Alder City           # as citizens know you; by default the server name

homeserver: {homeserver}

appservice:
  listen: "127.0.0.1:29330"          # where the homeserver reaches the bridge
  registration: registration.yaml

# SQLite needs nothing.  PostgreSQL: "postgresql+asyncpg://folkmoot@localhost/folkmoot"; with a
# password: {{url: "postgresql+asyncpg://…", password_file: database.password}}
database: sqlite+aiosqlite:///folkmoot.db

# Everything personal in the database is sealed under this key.  Without it nothing can be read.
key_file: folkmoot.key

email:
  domain: {domain}   # mailboxes are <consultation>@<domain>
  listen: "127.0.0.1:2525"           # mails arrive here by SMTP, from your mail server
  relay: {{host: 127.0.0.1, port: 25, tls: none}}   # tls: none | starttls | tls
  #       with a login: username: …, password_file: relay.password
  undo_seconds: 10                   # so long an edit or a redaction still changes the mail
  # delimiter: "+"                   # before the reply token: park-2027+<token>@<domain>
  # max_size: 25MiB                  # of one mail
  # senders: {{check: none}}           # who finds out who wrote: own (we do) | hop (your mail server did)
  # limits: {{per_address: 10, per_network: 60, per_consultation: 300}}   # new cases by mail in an hour
  # There are also lmtp, listen_tls, tls, imap, catch_all, dkim and scanner: see docs/email.md.

web:
  listen: "127.0.0.1:8080"
  public_url: {public_url}   # the form pages as citizens see them

operators: {operators}   # invited to the control room

admin: {{listen: "127.0.0.1:9330"}}    # /health/live, /health/ready, /metrics

consultations: consultations/        # read at start; `folkmoot apply` at any time

# encryption: {{share_with: cross_signed}}   # or all: also devices nobody has vouched for
# rooms: {{version: null}}           # null: the homeserver's default; or "10", "11", "12"
# log: {{level: info}}               # debug | info | warning | error
"""

_CONSULTATION = """\
# One public matter.  Its slug names its rooms, its mailbox and its pages: choose it for good.
slug: park-2027
title: Riverside Park 2027
languages: [en]                      # the first one is the default
mailbox: park-2027                   # park-2027@<email.domain>
staff: {staff}

# Organisations with a homeserver of their own that work on the cases together with you.
partners: []
#  - name: Birch County
#    server: birch.example
#    officers: ["@officer:birch.example"]
#    may_reply: true                 # what they write in a case's thread goes to the citizen

forms: [../forms/{form}]
"""

"""The registration file: what the homeserver knows of us before we have said a word.

    id                 folkmoot
    namespaces.users   @folkmoot_.*:<server>, exclusive; the bot is one of them
    namespaces.aliases #folkmoot_.*:<server>, exclusive; rooms are found again by opaque aliases
    rate_limited       false: otherwise only a few uploads may be pending at a time
    receive_ephemeral  false: keys come by the bot's own /sync, nothing else is of interest

The `sender_localpart` user cannot `/sync`, so the bot is another user of the namespace.
PURE: text to a frozen `Registration` and back.  Source: Application Service API, "Registration".
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field

import yaml

ID = "folkmoot"
PREFIX = "folkmoot_"
BOT = "folkmoot_bot"
SENDER = "folkmoot"
_SHORTEST_TOKEN = 32


class RegistrationError(ValueError):
    """The file is not a registration we can run with; the text says which key, and what to do."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What both sides must agree on.  `url` is where the homeserver reaches us."""

    url: str
    server_name: str
    as_token: str = field(repr=False)
    hs_token: str = field(repr=False)

    @property
    def bot(self) -> str:
        """The Matrix user that speaks for everyone."""
        return f"@{BOT}:{self.server_name}"


def create(url: str, server_name: str) -> Registration:
    """A registration with two new tokens of 256 random bits each."""
    return Registration(url, server_name, secrets.token_urlsafe(32), secrets.token_urlsafe(32))


def users(server_name: str) -> str:
    """The regular expression of our exclusive users."""
    return f"@{PREFIX}.*:{re.escape(server_name)}"


def aliases(server_name: str) -> str:
    """The regular expression of our exclusive room aliases."""
    return f"#{PREFIX}.*:{re.escape(server_name)}"


def dump(registration: Registration) -> str:
    """The file as YAML, with the comments an administrator wants to see."""
    return _TEMPLATE.format(
        id=ID,
        sender=SENDER,
        url=json.dumps(registration.url),
        as_token=json.dumps(registration.as_token),
        hs_token=json.dumps(registration.hs_token),
        users=json.dumps(users(registration.server_name)),
        aliases=json.dumps(aliases(registration.server_name)),
    )


def example() -> str:
    """The file for alder.example with words where the tokens go: to read, refused when run."""
    return dump(Registration("http://127.0.0.1:29330", "alder.example", "<random>", "<another>"))


def read(text: str, server_name: str) -> Registration:
    """The registration in `text`, checked against what we need.  Raises `RegistrationError`."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RegistrationError("not YAML") from error
    if not isinstance(found, dict):
        raise RegistrationError("not a mapping of keys to values")
    if found.get("id") != ID:
        raise RegistrationError(f"id: must be {ID}")
    if found.get("sender_localpart") != SENDER:
        raise RegistrationError(f"sender_localpart: must be {SENDER}, which is not the bot")
    url = found.get("url")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise RegistrationError("url: must be the http(s) address at which the homeserver reaches us")
    as_token, hs_token = (_token(found, key) for key in ("as_token", "hs_token"))
    if as_token == hs_token:
        raise RegistrationError("as_token, hs_token: must differ")
    _namespace(found, "users", users(server_name), f"@{BOT}:{server_name}")
    _namespace(found, "aliases", aliases(server_name), f"#{PREFIX}a:{server_name}")
    if found.get("rate_limited") is not False:
        raise RegistrationError("rate_limited: must be false")
    return Registration(url, server_name, as_token, hs_token)


def _token(found: dict[object, object], key: str) -> str:
    value = found.get(key)
    if not isinstance(value, str) or len(value) < _SHORTEST_TOKEN:
        raise RegistrationError(f"{key}: must be at least {_SHORTEST_TOKEN} random characters")
    return value


def _namespace(found: dict[object, object], kind: str, pattern: str, ours: str) -> None:
    namespaces = found.get("namespaces")
    entries = namespaces.get(kind) if isinstance(namespaces, dict) else None
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict) or entry.get("exclusive") is not True:
            continue
        try:
            if isinstance(entry.get("regex"), str) and re.match(entry["regex"], ours):
                return
        except re.error as error:
            raise RegistrationError(f"namespaces.{kind}: not a regular expression") from error
    raise RegistrationError(f"namespaces.{kind}: needs the exclusive pattern {pattern}")


_TEMPLATE = """\
# Folkmoot's registration at the homeserver.  Give its path to Synapse in homeserver.yaml,
#
#   app_service_config_files:
#     - /path/to/registration.yaml
#
# and restart Synapse.  Both tokens are secrets; `folkmoot init` writes this file with new ones.
id: {id}
# Where the homeserver reaches Folkmoot (`appservice.listen` in folkmoot.yaml).
url: {url}
as_token: {as_token}
hs_token: {hs_token}
# Not the bot: this user only owns the registration and never speaks.
sender_localpart: {sender}
rate_limited: false
receive_ephemeral: false
namespaces:
  users:
    - exclusive: true
      regex: {users}
  aliases:
    - exclusive: true
      regex: {aliases}
  rooms: []
"""

"""`folkmoot dkim-key`: a key that signs mails, and what DNS and the configuration must say of it.

Nothing in use changes by this: the key signs once `folkmoot.yaml` names it.  A second run makes
a second key under a selector of its own; `bridge.email.signing` says how one follows the other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bridge import config, keyfile
from bridge.email import signing
from bridge.errors import Refuse


@dataclass(frozen=True, slots=True)
class Made:
    """A key that was written to `path`, and what is said about it; nothing of it is secret.

    `settings` is the line for the group `email` of folkmoot.yaml, indented as that is.
    """

    path: Path
    name: str
    value: str
    zone: str
    settings: str


def usual_selector(today: date) -> str:
    """A selector that tells the keys of several years apart, such as "folkmoot-202703"."""
    return f"folkmoot-{today:%Y%m}"


def make(file: Path, selector: str) -> Made:
    """Make a key for the domain that the configuration `file` names, and write it beside `file`.

    The key's file is readable for its owner only.  Raises `Refuse` when the selector is no name
    in DNS, when the file is already there, or when it cannot be written; `ConfigFaults` when
    the configuration is not valid.
    """
    domain = config.load(file).email.domain
    name = signing.record_name(selector, domain)
    path = file.absolute().parent / f"dkim-{selector.lower()}.pem"
    pem = signing.new_key()
    _write(path, pem)
    return Made(
        path=path,
        name=name,
        value=signing.record(pem),
        zone=signing.dns_lines(selector, domain, pem),
        settings=_settings(selector.lower(), path.name),
    )


def lines(made: Made) -> list[str]:
    """What the operator reads and does now."""
    return [
        f"wrote {made.path}",
        "",
        "1. Publish this record, as a zone file has it:",
        "",
        *made.zone.splitlines(),
        "",
        "   or, where a form asks for them, with this name and this value of type TXT:",
        "",
        made.name,
        made.value,
        "",
        f"2. When every name server shows it (dig +short TXT {made.name}), put this line under `email:`",
        "   in folkmoot.yaml, in place of the `dkim:` that may stand there:",
        "",
        made.settings,
        "",
        "3. Start the bridge anew.  Leave the record of an older key for a week, then take it away.",
    ]


def _settings(selector: str, key_file: str) -> str:
    return f"  dkim: {{selector: {json.dumps(selector)}, key_file: {json.dumps(key_file)}}}"


def _write(path: Path, pem: str) -> None:
    try:
        keyfile.write_secret(path, pem)
    except FileExistsError:
        raise Refuse(f"{path} is already there, and is not overwritten. Choose another --selector") from None
    except OSError as error:
        raise Refuse(f"{path} cannot be written ({(error.strerror or 'unknown').lower()})") from None

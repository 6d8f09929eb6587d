"""The files of an installation, as small as they may be, for the tests of configuration."""

from __future__ import annotations

from pathlib import Path

from bridge import keyfile

SMALLEST = """\
homeserver: {url: "http://127.0.0.1:8008/", server_name: alder.example}
email: {domain: consult.alder.example}
"""

PARK = """\
slug: park-2027
title: Riverside Park 2027
languages: [en]
mailbox: park-2027
staff: ["@clerk:alder.example"]
partners:
  - {name: Birch County, server: birch.example, officers: ["@officer:birch.example"], may_reply: true}
forms: [../forms/park-ideas.yaml]
"""


def written(folder: Path, text: str, name: str = "folkmoot.yaml") -> Path:
    """A file with `text`."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def installation(folder: Path) -> Path:
    """A folder with a key, a form, and room for the rest."""
    keyfile.write_secret(folder / "folkmoot.key", keyfile.new_key())
    for name in ("consultations", "forms"):
        (folder / name).mkdir()
    written(folder / "forms", "id: park-ideas\ntitle: Ideas\n", "park-ideas.yaml")
    return folder

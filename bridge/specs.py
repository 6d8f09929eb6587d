"""A consultation as JSON and back: how rows and requests hold what its file said."""

from __future__ import annotations

from dataclasses import asdict

from bridge.model import Consultation, Json, Partner


def dump(consultation: Consultation) -> Json:
    """JSON values only."""
    return asdict(consultation)


def load(spec: Json) -> Consultation:
    """The consultation that `dump` wrote."""
    lists = {k: tuple(spec[k]) for k in ("languages", "staff", "forms")}
    partners = tuple(Partner(**{**p, "officers": tuple(p["officers"])}) for p in spec["partners"])
    return Consultation(
        slug=spec["slug"],
        title=spec["title"],
        mailbox=spec["mailbox"],
        partners=partners,
        signature=spec.get("signature", ""),  # rows of the first schema have none
        **lists,
    )

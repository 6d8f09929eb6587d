"""Judges a submission by all that is known of it, and counts what it found.

    journey ── judge(request, draft, …) ──> suspicions and network, for the submission

Nothing is refused here.  In the mode `count` nothing is held either: what would have been is only
counted, so that an operator can see in `/metrics` what the limits would do before they do it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from bridge.forms import altcha, spam
from bridge.forms.guard import origin
from bridge.forms.network import Rates, Visitors
from bridge.forms.settings import FormsSettings
from bridge.formstore import Draft, Values

TRAP = "_subject2"
"""The name of the input that people do not see; no browser has something of its own to put there."""

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Judged:
    """`suspicions` for which it is held (keys of `casework.texts`), the `network` it came from or ""."""

    suspicions: tuple[str, ...]
    network: str


class Sieve:
    """`secret` of the settings makes the puzzles; `now` is in seconds and only grows."""

    def __init__(self, settings: FormsSettings, now: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._now = settings, now
        self._puzzles = altcha.Puzzles(settings.secret) if settings.altcha is not None else None
        self._counts: Counter[str] = Counter()
        self.visitors = Visitors(Rates(settings.spam.per_network, HOUR))

    def challenge(self, draft: int) -> str:
        """What the widget of a draft's last page is given; "" where there is no widget."""
        return self._puzzles.challenge(draft) if self._puzzles else ""

    def judge(
        self, request: web.Request, draft: Draft, texts: Sequence[str], posted: Values, clock: float
    ) -> Judged:
        """Of a submission that is about to be accepted, once for each.

        `texts` are the answers in people's own words, `posted` the values of the last page, `clock`
        the seconds since 1970.
        """
        where = origin(request, self._settings)
        sent = spam.Sent(
            texts=texts,
            trap="".join([*draft.values.get(TRAP, ()), *posted.get(TRAP, ())]),
            seconds=clock - draft.created / 1000,
            crowded=not self.visitors.sent.take(where, self._now()),
            solved=self._solved(posted, draft.id),
        )
        found = spam.suspicions(sent, self._settings.spam)
        self._counts.update(spam.signs(sent, self._settings.spam))
        self._counts["solved"] += sent.solved
        self._counts["suspected"] += bool(found)
        return Judged(found if self._settings.spam.mode == "hold" else (), where)

    def numbers(self) -> Mapping[str, float]:
        """What was found since the start, for `/metrics`."""
        names = (*spam.POINTS, "solved", "suspected")
        return {f"forms_{name.removeprefix('spam_')}_total": self._counts[name] for name in names}

    def _solved(self, posted: Values, draft: int) -> bool:
        payload = "".join(posted.get(altcha.FIELD, ()))
        return self._puzzles is not None and self._puzzles.solved(payload, draft)


SIEVE = web.AppKey("sieve", Sieve)
"""Where the pages find it in their application."""

"""What the operator may choose about decisions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Brake:
    """New cases by mails and forms within an hour, beyond which further ones are held back."""

    per_address: int = 10
    per_network: int = 60
    per_consultation: int = 300


@dataclass(frozen=True, slots=True)
class Settings:
    """`undo_seconds`: how long an answer waits before it goes out.

    `acknowledgements_per_day`: of mails, to one address (of forms: `policy.LETTERS_A_DAY`);
    `language`: of the control room; `ours`: the bridge's own Matrix users, whose memberships mean
    nothing; `public_url`: where citizens find the pages.
    """

    undo_seconds: float = 10.0
    acknowledgements_per_day: int = 3
    language: str = "en"
    ours: tuple[str, ...] = ()
    brake: Brake = Brake()
    public_url: str = ""

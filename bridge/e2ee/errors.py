"""What can be wrong with something encrypted, and what the machine has to tell its surroundings.

    CannotDecrypt(reason)             never will be readable: forged, replayed or malformed
    └── MissingKey(session_id, code)  the key has not come; `request_key`, wait for `on_key`

Neither the words nor the fields hold anything of the plaintext.
"""

from __future__ import annotations

from dataclasses import dataclass


class CannotDecrypt(Exception):
    """`reason` is one plain sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MissingKey(CannotDecrypt):
    """No room key for `session_id`; `withheld_code` is what its owner gave as the reason, if they did."""

    def __init__(self, session_id: str, withheld_code: str | None = None) -> None:
        super().__init__(f"no key for this message yet ({withheld_code or 'nothing said'})")
        self.session_id = session_id
        self.withheld_code = withheld_code


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A device of a room's member gets no key: its owner has not cross-signed it."""

    user_id: str
    device_id: str


@dataclass(frozen=True, slots=True)
class IdentityChanged:
    """The homeserver names another cross-signing master key for this user than the pinned one."""

    user_id: str


Notice = Unsigned | IdentityChanged

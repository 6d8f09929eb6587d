"""The named keys of the house and the keys of participants, unwrapped once and kept in memory."""

from __future__ import annotations

import threading

import sqlalchemy as sa

from bridge.errors import Broken
from bridge.ledger.sql import insert_new
from bridge.ledger.tables import keyring, participants
from bridge.vault import Key, Vault

NAMES = ("lookup", "system", "link", "pickle", "message-id", "forms", "alias", "page")
_KEPT = 4096  # unwrapped participant keys in memory at most


class Keys:
    """`lookup` digests addresses and message IDs; `system` seals what belongs to no participant;
    `link` makes reply tokens, `page` those of citizens' pages; the others are handed to the wings as
    raw bytes."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._named: dict[str, bytes] = {}
        self._people: dict[int, Key] = {}
        self._gone: set[int] = set()
        self._lock = threading.Lock()  # transactions run in threads

    def load(self, conn: sa.Connection) -> None:
        """Read the named keys; make those that are missing (first start)."""
        for name in NAMES:
            insert_new(conn, keyring, {"name": name, "wrapped": self._vault.new_key()[1]})
        rows = conn.execute(sa.select(keyring.c.name, keyring.c.wrapped)).all()
        try:
            self._named = {name: self._vault.unwrap_raw(wrapped) for name, wrapped in rows}
        except Broken:
            raise Broken(
                "the database is sealed under another key than the one in key_file: put back its own"
            ) from None

    def raw(self, name: str) -> bytes:
        """The 32 bytes of a named key."""
        return self._named[name]

    def named(self, name: str) -> Key:
        return Key(self._named[name])

    def address_mac(self, address: str) -> bytes:
        """The look-up digest of an address; letters' case does not matter in practice."""
        return self.named("lookup").mac("address:" + address.strip().lower())

    def message_id_mac(self, message_id: str) -> bytes:
        return self.named("lookup").mac("message-id:" + message_id.strip())

    def network_mac(self, network: str) -> bytes:
        return self.named("lookup").mac("network:" + network)

    def token_mac(self, token: str) -> bytes:
        return self.named("lookup").mac("token:" + token.lower())

    def draft_mac(self, token: str) -> bytes:
        return self.named("lookup").mac("draft:" + token)

    def code_mac(self, code: str) -> bytes:
        return self.named("lookup").mac("code:" + code)

    def page_mac(self, token: str) -> bytes:
        return self.named("lookup").mac("page:" + token)

    def new(self) -> tuple[Key, bytes]:
        """A fresh key for a participant, an inbox item, a draft or a page, and its wrapped form."""
        return self._vault.new_key()

    def unwrap(self, wrapped: bytes) -> Key:
        return self._vault.unwrap(wrapped)

    def remember(self, participant: int, key: Key) -> None:
        with self._lock:
            if participant in self._gone:
                return  # somebody read it just before it was destroyed
            if len(self._people) >= _KEPT:
                self._people.pop(next(iter(self._people)))
            self._people[participant] = key

    def drop(self, participant: int) -> None:
        """Out of memory: the next one who needs it looks whether it is there still."""
        with self._lock:
            self._people.pop(participant, None)

    def forget(self, participant: int) -> None:
        """It is destroyed, and committed so: it never comes back into memory."""
        with self._lock:
            self._gone.add(participant)
            self._people.pop(participant, None)

    def person(self, conn: sa.Connection, participant: int | None) -> Key:
        """The key that seals a participant's data; `system` for None.

        Raises `Broken` when the participant was forgotten.
        """
        if participant is None:
            return self.named("system")
        if (key := self._people.get(participant)) is None:
            wrapped = conn.execute(
                sa.select(participants.c.wrapped_key).where(participants.c.id == participant)
            ).scalar_one_or_none()
            if wrapped is None:
                raise Broken("this participant was forgotten")
            key = self.unwrap(wrapped)
            self.remember(participant, key)
        return key

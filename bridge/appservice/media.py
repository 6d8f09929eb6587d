"""Files of an encrypted room: the media repository holds ciphertext only.

    up    mxc created -> key and mxc saved in the outbox row -> ciphertext put
    down  ciphertext fetched, at most so many bytes -> hash checked -> decrypted

After a crash the same ciphertext is put to the same mxc once more; one that has expired is
replaced by a new one.  Source: Client-Server API, "Sending encrypted attachments".
"""

from __future__ import annotations

import hashlib

from bridge.appservice.client import Client, fate
from bridge.channel import Outgoing
from bridge.e2ee import attachments
from bridge.e2ee.api import MatrixError
from bridge.e2ee.errors import CannotDecrypt
from bridge.e2ee.signing import b64
from bridge.errors import Broken, Refuse, Retry
from bridge.model import Json

_FETCHES = 8  # a partner's server that is away answers 404; later it is final


class Media:
    """Encrypted up- and downloads; `largest` bytes of a file are accepted."""

    def __init__(self, client: Client, largest: int) -> None:
        self._client = client
        self._largest = largest

    async def put(self, out: Outgoing) -> Json:
        """The EncryptedFile of the row's `blob`, stored; also in the row's progress as "file".

        Raises `Refuse` when the homeserver takes no files of that size.
        """
        file: Json | None = out.progress.get("file")
        if file is not None and "content" in out.progress:
            return file  # the event around it was encrypted after the upload
        data = await out.load(out.payload["blob"])
        try:
            if file is None or not await self._put_again(data, file):
                ciphertext, info = attachments.encrypt(data)
                file = {**info, "url": await self._client.media_create()}
                await out.save({**out.progress, "file": file})
                await self._client.media_put(file["url"], ciphertext)
        except MatrixError as error:
            if error.status == 413:
                raise Refuse("the homeserver takes no files of this size") from error
            raise fate(error) from error
        return file

    async def _put_again(self, data: bytes, file: Json) -> bool:
        """The same ciphertext to the same place; False when that place has expired."""
        # AES in counter mode is its own inverse: "decrypting" the plaintext under its own hash
        # gives the ciphertext of the first attempt, byte for byte.
        plain = {**file, "hashes": {"sha256": b64(hashlib.sha256(data).digest())}}
        try:
            await self._client.media_put(file["url"], attachments.decrypt(data, plain))
        except MatrixError as error:
            if error.status == 404:
                return False
            raise
        return True

    async def get(self, file: Json, tries: int) -> bytes:
        """The plaintext of an EncryptedFile out of somebody's event.

        Raises `Retry` while it may still come (`tries` so far), `Broken` when it will not.
        """
        url = file.get("url")
        if not isinstance(url, str):
            raise Broken("a file of this message has no address")
        try:
            ciphertext = await self._client.media_get(url, self._largest)
            return attachments.decrypt(ciphertext, file)
        except CannotDecrypt as error:
            raise Broken("a file of this message cannot be decrypted") from error
        except MatrixError as error:
            if error.status == 413:
                raise Broken("a file of this message is larger than the bridge takes") from error
            if error.status == 404 and tries < _FETCHES:
                raise Retry("a file of this message is not there yet") from error
            raise fate(error) from error

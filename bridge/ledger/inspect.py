"""A look at a database from outside: which schema it has.  Nothing is created or changed."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from bridge.errors import Broken, Refuse
from bridge.ledger import schema as versions
from bridge.ledger.engine import open_engine
from bridge.ledger.tables import keyring
from bridge.vault import Vault

_PATIENCE = 10.0  # seconds


async def schema(url: str, master: bytes) -> tuple[str | None, str]:
    """The version of the schema at `url` (None: there is none yet), and the one this release has.

    Raises `Refuse` with what went wrong in words without the URL, which may hold a password; also
    when what is stored there does not open under the key `master`.
    """
    try:
        file = sa.make_url(url).database if url.startswith("sqlite") else None
        if file is not None and not await asyncio.to_thread(_is_there, Path(file)):
            return None, versions.expected()
        engine = open_engine(url)
        try:
            async with asyncio.timeout(_PATIENCE), engine.connect() as conn:
                found = await conn.run_sync(versions.found)
                if found == versions.expected():
                    await conn.run_sync(_opens, master)
                return found, versions.expected()
        finally:
            await engine.dispose()
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise Refuse(f"cannot be opened ({type(cause).__name__})") from None
    except (OSError, TimeoutError, ImportError) as error:
        raise Refuse(f"cannot be opened ({type(error).__name__}: {_words(error)})") from None


def _opens(conn: sa.Connection, master: bytes) -> None:
    """One wrapped key is enough to tell."""
    wrapped = conn.execute(sa.select(keyring.c.wrapped).limit(1)).scalar_one_or_none()
    if wrapped is None:
        return
    try:
        Vault(master).unwrap(wrapped)
    except Broken:
        raise Refuse("was written under another key: restore the key_file that belongs to it") from None


def _is_there(file: Path) -> bool:
    """Whether the file is there; raises `OSError` when it could not be made."""
    if file.exists():
        return True
    if not os.access(file.parent, os.W_OK | os.X_OK):
        raise PermissionError(f"{file.parent} is no folder we may write in")
    return False


def _words(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or "no answer in time"

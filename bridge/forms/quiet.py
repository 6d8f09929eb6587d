"""What aiohttp may say in our log: the kind of a fault, and nothing of the request.

Its own words hold the address of who asked, and lines of a request that could not be read: tokens of
pages stand in those.  Any stranger can send such lines, or go away, as fast as they like: that is for
`debug`.
"""

from __future__ import annotations

import logging
import sys
import warnings
from typing import Any

from aiohttp import BadContentDispositionHeader, BadContentDispositionParam
from aiohttp.http_exceptions import HttpProcessingError


class QuietLog(logging.LoggerAdapter[logging.Logger]):
    """Takes the place of the logger of `aiohttp.web.AppRunner`."""

    def log(self, level: int, msg: object, *_args: object, **kwargs: Any) -> None:
        error = kwargs.get("exc_info")
        if error is True:
            error = sys.exc_info()[1]
        kind = type(error).__name__ if isinstance(error, BaseException) else "no exception"
        if isinstance(error, HttpProcessingError | ConnectionError):
            level = logging.DEBUG
        self.logger.log(level, "a request ended badly: %s", kind)


def hush() -> None:
    """Warn of no head of a part that cannot be read: such a warning goes to stderr and names the file."""
    for category in (BadContentDispositionHeader, BadContentDispositionParam):
        warnings.simplefilter("ignore", category)

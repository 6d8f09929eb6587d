"""Waiting for a condition with a deadline, so that no test sleeps and hopes."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")


@overload
async def until(condition: Callable[[], Awaitable[T]], deadline: float = 20, what: str = "") -> T: ...
@overload
async def until(condition: Callable[[], T], deadline: float = 20, what: str = "") -> T: ...
async def until(condition: Callable[[], T | Awaitable[T]], deadline: float = 20, what: str = "") -> T:
    """The first true result of `condition`, asked every 20 ms; fails after `deadline` seconds."""
    end = asyncio.get_running_loop().time() + deadline
    while True:
        result = condition()
        value = await result if inspect.isawaitable(result) else result
        if value:
            return value
        if asyncio.get_running_loop().time() > end:
            raise AssertionError(f"not within {deadline} s: {what or condition}")
        await asyncio.sleep(0.02)

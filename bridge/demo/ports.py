"""Free TCP ports for servers that must know their numbers before they start."""

from __future__ import annotations

import os
import random
import socket

# Below Linux' ephemeral range (32768–60999): an outgoing connection of somebody else cannot take
# the number between our look and the server's bind.
_FIRST, _SLICE, _SLICES = 20000, 1000, 12
_GIVEN: set[int] = set()
"""What this process has handed out: its servers are perhaps not bound yet, so a look tells nothing.
(Another process most likely draws from another slice.)"""


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on at this moment; never the same twice."""
    first = _FIRST + os.getpid() % _SLICES * _SLICE
    for port in random.sample(range(first, first + _SLICE), _SLICE):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _GIVEN:
            _GIVEN.add(port)
            return port
    raise OSError(f"no free TCP port on 127.0.0.1 between {first} and {first + _SLICE}")

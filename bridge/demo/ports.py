"""A free TCP port for a server that must know its number before it starts."""

from __future__ import annotations

import random
import socket

# Below Linux' ephemeral range (32768–60999): an outgoing connection of somebody else cannot take
# the number between our look and the server's bind.
_RANGE = range(20000, 32000)


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on at this moment."""
    for port in random.sample(_RANGE, 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free TCP port on 127.0.0.1 among 200 tried")

"""Sockets on loopback. This module imports little, because `make run` listens before all other imports."""

import socket


def listen(*ports: int, host: str = "127.0.0.1") -> socket.socket:
    """Listen at the first free port of `ports`; 0 is any free port. Connections wait until they are served."""
    for port in ports:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            listener.close()
        else:
            listener.listen(128)
            return listener
    raise OSError(f"expected a free port among {', '.join(map(str, ports))}, found none")


def url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"http://{host}:{port}"

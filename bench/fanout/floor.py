"""The floor: what it costs to write the same frame to a hundred sockets, and nothing else.

Run as a program, it is the server of that measurement: no room, no document, no parsing.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence

CONNECTIONS = 100
FRAME_BYTES = 40
ROUNDS = 2_000


def microseconds_per_write(server_core: int | None, load_core: int | None, rounds: int = ROUNDS) -> float:
    """A process on the server's core writes, one on the load's core reads."""
    with socket.create_server(("127.0.0.1", 0), backlog=CONNECTIONS) as listener:
        reader = subprocess.Popen(
            (sys.executable, "-m", "bench.fanout.floor", "read", str(listener.getsockname()[1]), _core(load_core))
        )
        connections = [listener.accept()[0] for _ in range(CONNECTIONS)]
        for connection in connections:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        own = os.sched_getaffinity(0)
        try:
            if server_core is not None:
                os.sched_setaffinity(0, {server_core})
            return _write(connections, rounds)
        finally:
            os.sched_setaffinity(0, own)
            for connection in connections:
                connection.close()
            reader.wait()


def _write(connections: Sequence[socket.socket], rounds: int) -> float:
    frame = bytes(FRAME_BYTES)
    before = time.thread_time()
    for _ in range(rounds):
        for connection in connections:
            connection.send(frame)
        time.sleep(0.001)  # as between two flushes: the reader keeps up
    return (time.thread_time() - before) / rounds / len(connections) * 1e6


def _read(port: int) -> None:
    import select

    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    poll = select.epoll()
    by_number = {connection.fileno(): connection for connection in connections}
    for number in by_number:
        poll.register(number, select.EPOLLIN)
    while by_number:
        for number, _ in poll.poll():
            if not by_number[number].recv(65536):
                poll.unregister(number)
                by_number.pop(number).close()


def _core(core: int | None) -> str:
    return json.dumps(core)


if __name__ == "__main__":
    core = json.loads(sys.argv[3])
    if core is not None:
        os.sched_setaffinity(0, {core})
    _read(int(sys.argv[2]))

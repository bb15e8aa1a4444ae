"""A process under attack that does not stand it: some noise makes it end as a crash of the engine would."""

import os

from caretroom.connection import Connection
from caretroom.room import Room

from fuzz import besieged

if __name__ == "__main__":
    receive = Room.receive

    def crash(room: Room, connection: Connection, frame: bytes) -> None:
        if frame[:2] == b"\x03\x00":
            os.abort()
        receive(room, connection, frame)

    setattr(Room, "receive", crash)  # noqa: B010
    besieged.main()

"""What the server tells a member in words: one sentence or two for each notice."""

from typing import assert_never

from caretroom.limits import Limits
from caretroom.protocol import NoticeCode


def words(code: NoticeCode, limits: Limits) -> str:
    match code:
        case "read-only":
            return "You are viewing this room. Only editors and hosts can change the code."
        case "output-denied":
            return "You are viewing this room, so your output stays with you."
        case "output-limit":
            return "Your program puts out more than the room can take. A mark shows where something is missing."
        case "update-limit":
            return (
                f"Your last change is larger than {_megabytes(limits.update_bytes)} and stays on your screen only. "
                "Take it back, and bring it in smaller parts."
            )
        case "document-limit":
            return (
                f"This room is full: it holds {_megabytes(limits.document_bytes)}. Your last change stays on your "
                "screen only. Delete something, or take it away in a file."
            )
        case "files-limit":
            return f"This room has {limits.files_per_room} files, which is all it can hold. Delete one first."
        case "presence-limit":
            return "Your page tells more of you than the room passes on, so others may not see your cursor."
        case "rate-limit":
            return "So many changes at once: they all arrive, only a little later."
        case "room-full":
            return f"This room is full: {limits.members_per_room} people are here. Trying again…"
        case _:
            assert_never(code)


def _megabytes(bytes: int) -> str:
    return f"{bytes / 1024 / 1024:.3g} MB"

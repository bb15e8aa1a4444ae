"""The byte codec of lib0, in which the frames and Yjs updates are written.

It knows numbers, byte strings and text, and nothing of what they mean; no bytes from a stranger make it slow.
"""

MAX_UINT = 2**53 - 1  # what a JavaScript number holds exactly
MAX_VAR_BYTES = 10  # enough for 64 bits, as other lib0 codecs read them

_ONE_BYTE = tuple(bytes((n,)) for n in range(0x80))


class MalformedError(ValueError):
    """Bytes that are not lib0; the message says what was expected and what came."""


class Reader:
    """Reads lib0 values one after the other; every method raises MalformedError over reading past the end."""

    __slots__ = ("_data", "_end", "position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._end = len(data)
        self.position = 0

    @property
    def done(self) -> bool:
        """Whether everything has been read."""
        return self.position == self._end

    def u8(self) -> int:
        """One byte."""
        position = self.position
        if position == self._end:
            raise MalformedError(f"expected a byte at {position}, the data ended")
        self.position = position + 1
        return self._data[position]

    def var_uint(self) -> int:
        """An unsigned number up to 2^53 - 1."""
        position = self.position
        if position < self._end and (byte := self._data[position]) < 0x80:
            self.position = position + 1
            return byte
        return self._long_number(0, 0)

    def var_int(self) -> int:
        """A signed number of up to 53 bits; lib0's negative zero reads as 0."""
        first = self.u8()
        magnitude = self._long_number(first & 0x3F, 6) if first & 0x80 else first & 0x3F
        return -magnitude if first & 0x40 else magnitude

    def take(self, length: int) -> bytes:
        """The next `length` bytes."""
        position = self.position
        end = position + length
        if end > self._end:
            raise MalformedError(f"expected {length} bytes at {position}, {self._end - position} are left")
        self.position = end
        return self._data[position:end]

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(self._end - self.position)

    def var_bytes(self) -> bytes:
        """A byte string with its length in front."""
        return self.take(self.var_uint())

    def var_string(self) -> str:
        """Text with its length in UTF-8 bytes in front."""
        raw = self.take(self.var_uint())
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            raise MalformedError(f"expected UTF-8 before {self.position}, came {error.reason}") from error

    def _long_number(self, number: int, shift: int) -> int:
        start = position = self.position
        data = self._data
        last_shift = shift + 7 * MAX_VAR_BYTES
        while position < self._end:
            byte = data[position]
            position += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                if number > MAX_UINT:
                    raise MalformedError(f"expected a number up to 2^53 - 1 at {start}, came {number}")
                self.position = position
                return number
            if shift == last_shift:
                raise MalformedError(f"expected a number of at most {MAX_VAR_BYTES} bytes at {start}, it goes on")
        raise MalformedError(f"expected a number at {start}, the data ended")


def write_var_uint(number: int) -> bytes:
    """The number as lib0 writes it: at least 0, at most 2^53 - 1."""
    if 0 <= number < 0x80:
        return _ONE_BYTE[number]
    if not 0 <= number <= MAX_UINT:
        raise ValueError(f"expected a number from 0 to 2^53 - 1, came {number}")
    written = bytearray()
    while number >= 0x80:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


def var_bytes(data: bytes) -> bytes:
    """The bytes with their length in front."""
    return write_var_uint(len(data)) + data


def var_string(text: str) -> bytes:
    """The text as UTF-8 with its length in bytes in front; a lone surrogate raises UnicodeEncodeError."""
    return var_bytes(text.encode())

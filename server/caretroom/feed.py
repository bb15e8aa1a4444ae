"""A feed: append gives a number, readers keep the number that they have seen.

Late join, live, lag and resume are one question: what is after my number?
"""

from collections import deque
from itertools import islice
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Feed(Generic[Item]):
    def __init__(self, last: int = 0) -> None:
        self.last = last
        """The number of the newest item; ``last`` at the start counts what is already elsewhere."""
        self._items: deque[Item] = deque()

    def append(self, item: Item) -> int:
        self._items.append(item)
        self.last += 1
        return self.last

    def after(self, number: int) -> list[Item]:
        first = self.last - len(self._items)
        assert number >= first, f"items up to {first} are forgotten, asked for those after {number}"
        return list(islice(self._items, number - first, None))

    def forget(self, number: int) -> None:
        """Drop everything up to and including ``number``."""
        for _ in range(number - (self.last - len(self._items))):
            self._items.popleft()

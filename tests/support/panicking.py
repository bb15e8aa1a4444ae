"""The real server with an engine that panics: ``python -m support.panicking serve ...``

It applies whatever contains ``PANIC`` and then raises what yrs' binding raises, which no ``except Exception`` sees.
"""

import pycrdt
from caretroom.cli import main

PANIC = "PANIC"


class PanicException(BaseException):
    """Named as the binding's own, which can't be imported."""


class PanickingDoc(pycrdt.Doc):  # type: ignore[type-arg]
    def apply_update(self, update: bytes) -> None:
        super().apply_update(update)
        if PANIC.encode() in update:
            raise PanicException("called `Option::unwrap()` on a `None` value")


if __name__ == "__main__":
    pycrdt.Doc = PanickingDoc  # type: ignore[misc]
    main()

"""The real server, but one that waits for requests only a moment: ``python -m support.impatient serve ...``"""

from dataclasses import replace

from caretroom.cli import main
from caretroom.limits import Limits
from caretroom.requests import Requests

if __name__ == "__main__":
    Requests.limits = replace(Limits(), request_seconds=1.0)
    main()

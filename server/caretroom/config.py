"""The configuration: one frozen value, built once. A field is a flag, a variable and a row of docs/configuration.md."""

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Literal, get_args, get_origin, get_type_hints

from caretroom.limits import Limits
from caretroom.logs import LogFormat

LogLevel = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Config:
    host: Annotated[str, "Address to listen on."] = "127.0.0.1"
    port: Annotated[int, "Port to listen on."] = 8000
    store: Annotated[str, "Where rooms are kept: sqlite:///FILE, or memory:// to forget them at the end."] = (
        "sqlite:///caretroom.db"
    )
    backplane: Annotated[str, "How processes share rooms: local:// for a single process."] = "local://"
    public_url: Annotated[
        str, "The address that people type, such as https://code.example.org; taken from each request when empty."
    ] = ""
    allowed_origins: Annotated[str, "Other origins whose pages may connect, separated by spaces."] = ""
    secret_file: Annotated[Path, "File with the key that signs links; made when missing."] = Path("caretroom.secret")
    pyodide_dir: Annotated[
        str, "Folder with a Pyodide (0.28 or newer) to serve in place of the one that is built in; empty for that one."
    ] = ""
    packages_dir: Annotated[Path, "Folder with wheels that every room may import; fetched ones are kept there."] = Path(
        "caretroom-packages"
    )
    packages_source: Annotated[
        str, "Address from which the server fetches a package of Pyodide's on its first use; empty for never."
    ] = "https://cdn.jsdelivr.net/pyodide/v{version}/full/"
    log_level: Annotated[LogLevel, "What to log at least."] = "info"
    log_format: Annotated[LogFormat, "Log lines for people, or for machines."] = "text"
    limits: Annotated[Limits, "Limits other than the defaults, as NAME=VALUE separated by spaces."] = field(
        default_factory=Limits
    )


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    type: type
    default: object
    choices: tuple[str, ...]
    help: str

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        return "CARETROOM_" + self.name.upper()


def settings() -> list[Setting]:
    """Everything an operator can set: the fields of Config that say what they are for."""
    hints = get_type_hints(Config, include_extras=True)
    found = []
    for each in fields(Config):
        if get_origin(hints[each.name]) is Annotated:
            kind, help = get_args(hints[each.name])
            choices = get_args(kind)
            if kind is Limits:
                found.append(Setting(each.name, str, "", (), help))
            else:
                found.append(Setting(each.name, str if choices else kind, each.default, choices, help))
    return found

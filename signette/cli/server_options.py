"""What `signette run` asks of a server."""

import argparse
import json
import os
from dataclasses import asdict, dataclass
from typing import Any

from signette.cli.errors import UsageError

VARIABLE = "SIGNETTE_RUN"
"""The environment variable by which the processes of a server know what to serve."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """The options of `signette run`, for any server."""

    app: str
    """`module:attribute`."""
    host: str
    port: int
    reload: bool
    workers: int
    root_path: str
    graceful_timeout: int
    drain_delay: int
    log_level: str
    log_format: str
    access_log: bool
    forwarded_allow_ips: str | None

    @property
    def exit_timeout(self) -> int:
        """Seconds after SIGTERM until the process exits: dependencies may take as long as requests."""
        return self.drain_delay + 2 * self.graceful_timeout


def options_of(args: argparse.Namespace, app: str) -> ServerOptions:
    """The options of a command line."""
    words = {name: getattr(args, name) for name in ServerOptions.__dataclass_fields__ if name != "app"}
    return ServerOptions(app, **words)


def reject(server: str, options: dict[str, Any], hint: str) -> None:
    """Raise an error for the first of these options of the command line that is set.

    Raises:
        UsageError: an option is set that the server does not have.
    """
    for name, value in options.items():
        if value:
            raise UsageError(f"`{name}` does not work with {server}\n  hint: {hint}")


def missing(server: str, extra: str) -> UsageError:
    """The error for a server that is not installed."""
    return UsageError(f"`run` needs {server}\n  hint: pip install 'signette[{extra}]'")


def export(options: ServerOptions, **more: Any) -> None:
    """Leave the options to the processes of the server; `worker` reads them."""
    os.environ[VARIABLE] = json.dumps(asdict(options) | {"exit_timeout": options.exit_timeout} | more)

"""The application of `signette run`, in each process of the server."""

import json
import os
from typing import Any

from signette.cli.loading import asgi_application
from signette.cli.server_options import VARIABLE
from signette.draining import drain_on_signals

FACTORY = "signette.cli.worker:application"


def application() -> Any:
    """Import the application, and drain this process when it gets SIGTERM, as the options of the command say."""
    options = json.loads(os.environ[VARIABLE])
    app = asgi_application(options["app"])
    drain_on_signals(
        options["drain_delay"],
        timeout=options["exit_timeout"],
        without_handler=options.get("without_handler", False),
    )
    return app

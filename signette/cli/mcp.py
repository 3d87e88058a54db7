"""`signette mcp`: offer the operations of an application to agents as tools."""

import argparse
import json
import sys
from contextlib import redirect_stdout
from typing import Any

import anyio

from signette.cli.errors import UsageError
from signette.cli.loading import APP_HELP, load
from signette.cli.server_uvicorn import serve_app


def add_mcp(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `mcp`."""
    parser.add_argument("app", help=APP_HELP)
    parser.add_argument("--tool", action="append", metavar="NAME", help="offer only this tool; repeatable")
    parser.add_argument(
        "--header", action="append", metavar="'NAME: VALUE'", help="send this header to the application"
    )
    parser.add_argument("--http", action="store_true", help="serve streamable HTTP at /, not standard input and output")
    parser.add_argument("--host", default="127.0.0.1", help="the address for --http (%(default)s)")
    parser.add_argument("--port", type=int, default=8001, help="the port for --http (%(default)s)")
    parser.add_argument("--list", action="store_true", help="print the tools as JSON, and serve nothing")
    parser.set_defaults(do=serve_tools)


def serve_tools(args: argparse.Namespace) -> int:
    """Offer the operations with `tool=True` to agents, by the Model Context Protocol."""
    with redirect_stdout(sys.stderr):  # standard output is for the protocol, and for the list
        app = load(args.app)
    if not hasattr(app, "openapi"):
        raise UsageError(f"`{args.app}` is a plain application without tools\n  hint: make it a `signette.App`")
    try:
        from signette.mcp.server import MCP  # noqa: PLC0415 - an extra: only this command needs it
    except ImportError as exc:
        raise UsageError(str(exc)) from None
    hosts = [f"{each}:*" for each in ("localhost", "127.0.0.1", "[::1]", args.host)] if args.http else None
    server = MCP(
        app,
        tools=args.tool or (),
        headers=dict(map(_header, args.header or ())),
        allowed_hosts=hosts,
        run_lifespan=True,
    )
    try:
        tools = server.tools
    except LookupError as exc:
        raise UsageError(str(exc.args[0])) from None
    if not tools:
        raise UsageError(f"`{args.app}` has no tools\n  hint: set `tool=True` on an operation or a router")
    if args.list:
        shown = [{"name": each.name, "title": each.title, "description": each.description,
                  "inputSchema": each.input_schema, "outputSchema": each.output_schema,
                  "annotations": each.annotations} for each in tools]  # fmt: skip
        sys.stdout.write(json.dumps(shown, indent=2, ensure_ascii=False) + "\n")
        return 0
    if args.http:
        return _serve_http(server, args.host, args.port)
    anyio.run(server.run_stdio)
    return 0


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise UsageError(f"`--header {text!r}` is not a header\n  hint: write `--header 'Authorization: Bearer TOKEN'`")
    return name.strip(), value.strip()


def _serve_http(server: Any, host: str, port: int) -> int:
    return serve_app(server, host, port)

"""`signette explain`: what a route does for a request."""

import argparse
import json
from typing import Any

from signette.cli.errors import UsageError
from signette.cli.loading import APP_HELP, load
from signette.declarative.inspection.explain import explain, route_of, typed_routes
from signette.declarative.inspection.plan_json import describe_plan


def add_explain(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `explain`."""
    parser.add_argument("app", help=APP_HELP)
    parser.add_argument(
        "operation",
        nargs="?",
        help='"GET /items/{item_id}", or a real path: "GET /items/3"; default: all routes',
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--source", action="store_true", help="also print the source of the generated binder")
    form.add_argument("--json", action="store_true", help="print JSON in the format of schemas/plan.schema.json")
    parser.set_defaults(do=explain_route)


def explain_route(args: argparse.Namespace) -> int:
    """Show what a route does for a request: which values it reads, what it calls, and which responses it sends."""
    app = load(args.app)
    planned = [route for _, route in typed_routes(app.routes)]
    if not planned:
        raise UsageError(f"`{args.app}` has no typed routes\n  hint: `signette routes {args.app}` lists all routes")
    if args.operation is None:
        if args.json:
            _print_json([describe_plan(route.plan) for route in planned])
            return 0
        print("\n\n".join(route.explain(source=args.source) for route in planned))
        return 0
    try:
        if args.json:
            _print_json(describe_plan(route_of(app, args.operation).plan))
            return 0
        print(explain(app, args.operation, source=args.source))
    except LookupError as exc:
        raise UsageError(f"{exc.args[0]}\n  hint: `signette routes {args.app}` lists all routes") from None
    return 0


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))

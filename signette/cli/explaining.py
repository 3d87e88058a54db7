"""`signette explain`: what a route does for a request."""

import argparse
import json
from typing import Any

from signette.cli.colors import PLAN, show
from signette.cli.errors import UsageError
from signette.cli.loading import APP_HELP, load
from signette.declarative.inspection.explain import route_of, typed_routes
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
        for number, route in enumerate(planned):
            if number:
                print()
            _show_route(route, args.source)
        return 0
    try:
        route = route_of(app, args.operation)
    except LookupError as exc:
        raise UsageError(f"{exc.args[0]}\n  hint: `signette routes {args.app}` lists all routes") from None
    if args.json:
        _print_json(describe_plan(route.plan))
    else:
        _show_route(route, args.source)
    return 0


def _show_route(route: Any, has_source: bool) -> None:
    plan = route.explain()
    source = route.explain(source=True).removeprefix(plan).strip("\n") if has_source else ""
    show(plan, PLAN, python=source)


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))

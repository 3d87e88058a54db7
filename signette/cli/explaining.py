"""`signette explain`: what a route does for a request."""

import argparse
import json
from typing import Any

from signette.cli.colors import PLAN, show
from signette.cli.errors import UsageError
from signette.cli.jobs import describe_job, jobs_of
from signette.cli.loading import APP_HELP, load
from signette.declarative.inspection.explain import explain_job, route_of, typed_routes
from signette.declarative.inspection.option_origins import option_origins
from signette.declarative.inspection.plan_json import describe_plan


def add_explain(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `explain`."""
    parser.add_argument("app", help=APP_HELP)
    parser.add_argument(
        "operation",
        nargs="?",
        help='"GET /items/{item_id}", a real path: "GET /items/3", or "job:send_receipt"; default: all routes',
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--source", action="store_true", help="also print the source of the generated binder")
    form.add_argument("--json", action="store_true", help="print JSON in the format of schemas/plan.schema.json")
    parser.set_defaults(do=explain_route)


def explain_route(args: argparse.Namespace) -> int:
    """Show what a route does for a request: which values it reads, what it calls, and which responses it sends."""
    app = load(args.app)
    if args.operation is not None and args.operation.startswith("job:"):
        return explain_job_of(app, args)
    planned = [route for _, route in typed_routes(app.routes)]
    if not planned:
        raise UsageError(f"`{args.app}` has no typed routes\n  hint: `signette routes {args.app}` lists all routes")
    if args.operation is None:
        if args.json:
            _print_json([_described(route) for route in planned])
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
        _print_json(_described(route))
    else:
        _show_route(route, args.source)
    return 0


def explain_job_of(app: Any, args: argparse.Namespace) -> int:
    """Show the arguments of a job, and what it calls."""
    if args.source:
        raise UsageError("a job has no generated binder\n  hint: remove `--source`")
    jobs, name = jobs_of(app, args.app), args.operation.removeprefix("job:")
    if name not in jobs:
        raise UsageError(f"no job `{name}`\n  hint: `signette jobs {args.app}` lists all jobs")
    if args.json:
        _print_json({**describe_job(jobs[name]), "steps": describe_plan(jobs[name].plan({}))["steps"]})
    else:
        show(explain_job(jobs[name]), PLAN)
    return 0


def _described(route: Any) -> dict[str, Any]:
    routers = [stack.described() for stack in route.stacks if not stack.is_empty]
    return describe_plan(route.plan, option_origins(route.options), routers)


def _show_route(route: Any, has_source: bool) -> None:
    plan = route.explain()
    source = route.explain(source=True).removeprefix(plan).strip("\n") if has_source else ""
    show(plan, PLAN, python=source)


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))

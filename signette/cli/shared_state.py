"""A warning for `signette run --workers`: state in memory, of which each process has its own."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from signette.app import App
from signette.declarative.errors.base import SignatureError
from signette.declarative.plan.steps import Plan, Read
from signette.declarative.routing.resolving import planned_routes


def warning_of(app: Any, workers: int) -> str | None:
    """The warning for an application, if several workers would each have their own part of its state."""
    if workers == 1 or not isinstance(app, App):
        return None
    found = dict.fromkeys(word for purpose, word in _users_of(app) if _is_in_memory(app, purpose))
    if not found:
        return None
    return (
        f"warning: {', '.join(found)}: their state is in memory, and each of the {workers} workers has its own\n"
        '  hint: use `App(state="redis://...")`, which all workers share'
    )


def _users_of(app: App) -> Iterator[tuple[str, str]]:
    """What keeps state, each as the purpose of the state and a word for it."""
    for middleware in app.user_middleware:
        if middleware.kwargs.get("store") == "app":
            yield "sessions", "sessions"
    for route in planned_routes(app.routes, app):
        with suppress(SignatureError):  # reported when the application starts
            yield from _users_in(route.plan)
    if app.router.jobs_by_name():
        yield "jobs", "jobs"


def _users_in(plan: Plan) -> Iterator[tuple[str, str]]:
    for each in plan.policies:
        if each.applies and each.policy.purpose is not None:
            yield each.policy.purpose, type(each.policy).__name__
    if any(isinstance(read, Read) and read.channel is not None for read in plan.reads):
        yield "events", "channels"


def _is_in_memory(app: App, purpose: str) -> bool:
    try:
        return app.backend.url(purpose).startswith("memory:")
    except ValueError:  # an object, which may share its values
        return False

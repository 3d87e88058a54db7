"""Words for the next page that somebody sees."""

from typing import Any

from signette.requests import Request


def say(request: Request, words: str) -> None:
    """Show these words on the next page."""
    request.session["messages"] = [*request.session.get("messages", []), words]


def messages(request: Request) -> dict[str, Any]:
    """For templates: what is to be shown; each is shown once."""
    return {"messages": request.session.pop("messages", []) if "messages" in request.session else []}

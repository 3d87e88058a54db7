"""A request in the tables of the topics, and short ways to write one."""

from typing import Any

Asked = tuple[int, str, str, dict[str, Any]]
"""The status that signette answers, the method, the target, and what is sent with it."""


def get(target: str, status: int = 200, **headers: str) -> Asked:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, "GET", target, {"headers": named} if named else {}


def send(method: str, target: str, status: int = 200, **sent: Any) -> Asked:
    return status, method, target, sent


def post(target: str, status: int = 200, **sent: Any) -> Asked:
    return send("POST", target, status, **sent)

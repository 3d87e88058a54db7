"""Prove an application: send generated requests to each operation, and check what its contract says."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signette.prove.api import InvalidSetting, NotProved, prove
    from signette.prove.in_process import StartFailed
    from signette.prove.law import Exchange, Law, ProvedOperation, Request, Send, Violation
    from signette.prove.laws_of_run import UnknownLaw
    from signette.prove.operations import NoOperations
    from signette.prove.replay import Replay
    from signette.prove.report import Finding, OperationReport, Report

# Laws can be imported without schemathesis.
_MODULES = {
    "prove": "api",
    "NotProved": "api",
    "InvalidSetting": "api",
    "StartFailed": "in_process",
    "Exchange": "law",
    "Law": "law",
    "ProvedOperation": "law",
    "Request": "law",
    "Send": "law",
    "Violation": "law",
    "UnknownLaw": "laws_of_run",
    "NoOperations": "operations",
    "Replay": "replay",
    "Finding": "report",
    "OperationReport": "report",
    "Report": "report",
}

__all__ = [
    "Exchange",
    "Finding",
    "InvalidSetting",
    "Law",
    "NoOperations",
    "NotProved",
    "OperationReport",
    "ProvedOperation",
    "Replay",
    "Report",
    "Request",
    "Send",
    "StartFailed",
    "UnknownLaw",
    "Violation",
    "prove",
]

if not TYPE_CHECKING:  # with this `__getattr__`, type checkers would accept any misspelt name

    def __getattr__(name: str) -> object:
        module = _MODULES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        value = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
        return value

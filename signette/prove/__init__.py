"""Prove an application: send generated requests to each operation, and check what the contract says."""

from signette.prove.law import Exchange, Law, ProvedOperation, Request, Send, Violation

__all__ = ["Exchange", "Law", "ProvedOperation", "Request", "Send", "Violation"]

"""Clients: call the operations of an application by name, in process or over HTTP."""

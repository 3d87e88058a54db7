"""The command `signette`: serve an application, list and explain its routes, print its OpenAPI document, port to it."""

from signette.cli.command import main

__all__ = ["main"]

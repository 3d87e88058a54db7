"""Tools for agents: operations of an application, offered by the Model Context Protocol (extra `mcp`)."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signette.declarative.signature.tool import Tool as Tool
    from signette.mcp.server import MCP as MCP
    from signette.mcp.tools import OfferedTool as OfferedTool
    from signette.mcp.tools import tools_of as tools_of

# Only `MCP` needs the package `mcp`.
_MODULES = {
    "MCP": "signette.mcp.server",
    "OfferedTool": "signette.mcp.tools",
    "Tool": "signette.declarative.signature.tool",
    "tools_of": "signette.mcp.tools",
}
__all__ = list(_MODULES)

if not TYPE_CHECKING:  # with this `__getattr__`, type checkers would accept any misspelt name

    def __getattr__(name: str) -> object:
        module = _MODULES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(module), name)
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})

"""The shop, for other processes. `print` must not disturb the protocol."""

from tests.mcp.shop import shop

print("loading the shop")  # noqa: T201 - as applications do
app = shop()

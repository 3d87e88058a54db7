"""`jsonable_encoder`: converts values to JSON-compatible ones, to store or compare them."""

from signette.declarative.adapters.jsonable import jsonable_encoder

__all__ = ["jsonable_encoder"]

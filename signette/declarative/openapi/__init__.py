"""The OpenAPI document, written from plans, and the pages that show it."""

"""The same questions for each package, by a request or by its OpenAPI document: `python -m benchmarks.comparison`."""

"""What calls operations: small files that import the standard library, pydantic, httpx2 and each other only."""

"""The endpoints, one router a noun."""

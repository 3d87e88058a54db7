"""The endpoints, one router for each resource."""

"""Signature -> plan: the steps as data, and the planner that makes them."""

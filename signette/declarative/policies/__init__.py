"""Policies: what holds for a request around its endpoint, such as a rate limit or a deadline."""

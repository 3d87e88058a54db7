"""Formats: media types, with how values are rendered in them and how bodies are decoded from them."""

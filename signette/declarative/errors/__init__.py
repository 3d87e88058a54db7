"""Start-up errors with location, problem and hint: a function for each. The callers decide when to raise them."""

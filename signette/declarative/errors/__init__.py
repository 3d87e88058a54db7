"""Start-up errors, one function each: location, problem, hint. Nothing here decides when to raise them."""

"""Rules: each finds one kind of code that behaves in another way here, and has the page's advice."""

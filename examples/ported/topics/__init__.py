"""What FastAPI's tutorial teaches, topic by topic, in applications of our own.

Each of these modules has an `app`. The imports are all that tells the one from the other: the tests change them, and
compare what both answer (tests/examples/topics).
"""

"""The topics of FastAPI's tutorial, one application each.

Each of these modules has an `app`. Only the imports differ from a FastAPI application: the tests change them, and
compare the responses of both (tests/examples/topics).
"""

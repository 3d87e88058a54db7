"""The command `signette port`: rewrites imports of FastAPI and Starlette, and lists what is left to do."""

"""Threads and processes for sync functions that take a lot of processor time: `executor=Thread(limit=4)`."""

from signette._process_call import ProcessCallError
from signette.declarative.signature.executors import Executor, Process, Thread

__all__ = ["Executor", "Process", "ProcessCallError", "Thread"]

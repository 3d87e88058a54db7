"""Threads, processes and interpreters for sync functions that compute: `executor=Thread(limit=4)`."""

from signette._interpreter_call import InterpreterCallError
from signette._process_call import ProcessCallError
from signette.declarative.signature.executors import Executor, Interpreter, Process, Thread

__all__ = ["Executor", "Interpreter", "InterpreterCallError", "Process", "ProcessCallError", "Thread"]

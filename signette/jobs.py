"""Jobs: functions with dependencies that run outside of requests, in this process or in workers."""

from signette.declarative.jobs.declared import JobOptions
from signette.declarative.jobs.exceptions import JobArgumentsError, JobFailed, JobNotFound
from signette.declarative.jobs.handle import JobHandle, JobStatus
from signette.declarative.jobs.jobs import Job, Jobs
from signette.declarative.jobs.run import JobRun, Progress

__all__ = [
    "Job",
    "JobArgumentsError",
    "JobFailed",
    "JobHandle",
    "JobNotFound",
    "JobOptions",
    "JobRun",
    "JobStatus",
    "Jobs",
    "Progress",
]

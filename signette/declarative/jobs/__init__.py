"""Jobs: functions with dependencies that run outside of requests, in this process or in workers."""

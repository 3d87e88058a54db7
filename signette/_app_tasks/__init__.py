"""Applications as tasks of the event loop: what test clients and clients in process call an application with."""

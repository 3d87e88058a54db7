"""The typed client module of an application: `signette client`."""

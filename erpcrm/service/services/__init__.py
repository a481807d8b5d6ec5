"""The verbs of service."""

"""The verbs of analytics."""

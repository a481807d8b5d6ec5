"""The verbs of marketing."""

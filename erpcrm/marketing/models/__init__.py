"""The tables of marketing."""

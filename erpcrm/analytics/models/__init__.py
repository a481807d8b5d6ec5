"""The tables of analytics."""

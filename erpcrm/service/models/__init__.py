"""The tables of service."""

"""Makers of records for tests, one module an area."""

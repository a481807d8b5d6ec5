"""Customers, contacts, addresses and activities: one record serves sales, service, credit and finance."""

"""What every area stands on. No business in here, and no import of an area."""

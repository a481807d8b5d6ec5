"""The company itself: its profile, currencies, calendar and number ranges."""

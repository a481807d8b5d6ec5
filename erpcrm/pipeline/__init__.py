"""Leads and opportunities: from the first contact to the deal that is won or lost."""

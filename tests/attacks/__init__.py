"""Attempts at what is sacred: rights, scopes, money, nothing lost, nothing doubled. Each was once a way in, or might become one."""

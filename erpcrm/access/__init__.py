"""Users, roles, teams and sign-in: who may do what, on whose records."""

"""Credit: what a customer may owe, who decides it, what it risks, and which orders wait for it."""

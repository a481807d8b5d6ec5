"""Inventory: where the goods are, to whom they are promised, what they are worth, and how they come and go."""

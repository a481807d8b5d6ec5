"""Analytics: segments of customers, what they are worth, how they buy and whether they stop."""

"""Years of history from an old system, taken through the services of the areas."""

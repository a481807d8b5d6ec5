"""The pages of the catalog."""

from . import prices, products
from .blueprint import bp

__all__ = ["bp", "prices", "products"]

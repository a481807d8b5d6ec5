"""The tables of analytics."""

from .worth import (
    BEHAVIOUR_VIEW,
    COMPUTE,
    SETUP,
    VALUE_VIEW,
    CustomerMonth,
    CustomerValue,
    ProductPair,
    ValueRun,
)

__all__ = [
    "BEHAVIOUR_VIEW",
    "COMPUTE",
    "SETUP",
    "VALUE_VIEW",
    "CustomerMonth",
    "CustomerValue",
    "ProductPair",
    "ValueRun",
]

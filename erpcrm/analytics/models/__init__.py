"""Tables of analytics."""

from .segments import (
    RFM_SETUP,
    SEGMENT_EDIT,
    SEGMENT_KINDS,
    SEGMENT_VIEW,
    TONES,
    CustomerRfm,
    RfmCell,
    RfmMove,
    Segment,
    SegmentMember,
    SegmentMove,
)
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
    "RFM_SETUP",
    "SEGMENT_EDIT",
    "SEGMENT_KINDS",
    "SEGMENT_VIEW",
    "SETUP",
    "TONES",
    "VALUE_VIEW",
    "CustomerMonth",
    "CustomerRfm",
    "CustomerValue",
    "ProductPair",
    "RfmCell",
    "RfmMove",
    "Segment",
    "SegmentMember",
    "SegmentMove",
    "ValueRun",
]

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

__all__ = [
    "RFM_SETUP",
    "SEGMENT_EDIT",
    "SEGMENT_KINDS",
    "SEGMENT_VIEW",
    "TONES",
    "CustomerRfm",
    "RfmCell",
    "RfmMove",
    "Segment",
    "SegmentMember",
    "SegmentMove",
]

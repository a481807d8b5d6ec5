"""What analytics adds to the page of a customer."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from erpcrm.core.db import session

from .models import CustomerRfm, RfmCell, Segment, SegmentMember


def segments_of_customers(ids: Sequence[int]) -> Mapping[int, Any]:
    """Segments in use, as they were counted last, and the scores with their cell."""
    query = select(SegmentMember.customer_id, Segment).join(Segment, Segment.id == SegmentMember.segment_id)
    query = query.where(SegmentMember.customer_id.in_(ids), Segment.active.is_(True)).order_by(Segment.name)
    segments: dict[int, list[Segment]] = {id: [] for id in ids}
    for customer_id, segment in session.execute(query):
        segments[customer_id].append(segment)
    scores = {
        one.customer_id: one for one in session.scalars(select(CustomerRfm).where(CustomerRfm.customer_id.in_(ids)))
    }
    cells = {cell.key: cell for cell in session.scalars(select(RfmCell))}
    return {
        id: {
            "customer_id": id,
            "segments": segments[id],
            "scores": scores.get(id),
            "cell": cells.get(scores[id].cell or "") if id in scores else None,
        }
        for id in ids
    }

"""What happens next with a deal: the step that stands on it, or else the task on it that is due first."""

from sqlalchemy import func, select

from erpcrm.customers.models import Activity

from .models import Opportunity

FIRST_TASK = (
    select(Activity.subject)
    .where(
        Activity.record_type == Opportunity.record_name,
        Activity.record_id == Opportunity.id,
        Activity.done_at.is_(None),
    )
    .order_by(Activity.due_on.is_(None), Activity.due_on, Activity.id)
    .limit(1)
    .correlate(Opportunity)
    .scalar_subquery()
)
PLANNED = func.coalesce(func.nullif(Opportunity.next_step, ""), FIRST_TASK)
"""None for a deal that nothing is planned for"""

"""Segments: who is in one, how a rule becomes SQL, fixed lists, and who came and went."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, false, func, insert, not_, or_, select, true

from erpcrm.core.actor import Actor
from erpcrm.core.audit import record_event
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, today
from erpcrm.customers.models import Customer
from erpcrm.customers.scopes import CUSTOMER_SCOPE

from .. import rules
from ..models import CustomerRfm, Segment, SegmentMember, SegmentMove
from .fields import Ask, BrokenRule, RuleField, cell_choices, rule_fields

PREVIEW = 10


def customers_in(segment: Segment, actor: Actor | None = None) -> Select[Any]:
    """The ids of the customers in a segment now, those that `actor` may see; of all for the system itself.

    Archived customers are left out unless the rule asks for a status. Refused, with what to do, when the rule can't be used.
    """
    try:
        return customers_where(segment_condition(segment, here()), actor)
    except BrokenRule as broken:
        raise Refused(
            _(
                "The segment “%(name)s” can't be used: %(why)s Open it and change its rule.",
                name=segment.name,
                why=broken.why,
            )
        ) from broken


def customers_where(asked: ColumnElement[bool], actor: Actor | None) -> Select[Any]:
    seen = true() if actor is None else CUSTOMER_SCOPE(actor, actor.scope("customer"))
    return select(Customer.id).where(asked, seen)


def members_of(segment: Segment) -> Select[Any]:
    """The ids of its customers as they were counted last: fast, and what is sent or asked twice goes to the same."""
    return select(SegmentMember.customer_id).where(SegmentMember.segment_id == segment.id)


def segments_of(customer_id: int) -> Sequence[Segment]:
    """The segments in use that a customer is in, as they were counted last."""
    query = select(Segment).join(SegmentMember, SegmentMember.segment_id == Segment.id)
    query = query.where(SegmentMember.customer_id == customer_id, Segment.active.is_(True))
    return session.scalars(query.order_by(Segment.name)).all()


def fault_of(segment: Segment) -> str | None:
    """Why a segment can't be used now; None when it can."""
    try:
        segment_condition(segment, here())
    except BrokenRule as broken:
        return broken.why
    return None


def broken_segments() -> list[tuple[Segment, str]]:
    """Segments in use that can't be used, and why."""
    found = ((one, fault_of(one)) for one in session.scalars(select(Segment).where(Segment.active.is_(True))))
    return [(one, why) for one, why in found if why is not None]


# ------------------------------------------------------------------ rule to SQL


def segment_condition(segment: Segment, ask: Ask) -> ColumnElement[bool]:
    """A segment as a condition on `Customer`. BrokenRule when it can't be asked."""
    if segment.id is not None and segment.id in ask.within:
        raise BrokenRule(_("the segment “%(name)s” contains itself.", name=segment.name))
    deeper = Ask(ask.on, ask.within | {segment.id} if segment.id is not None else ask.within, ask.segment)
    if segment.kind == "static":
        return and_(Customer.id.in_(members_of(segment)), Customer.status != "archived")
    if segment.kind == "rfm":
        return and_(_of_cells(segment.rule.get("cells") or []), Customer.status != "archived")
    try:
        rule = rules.read(segment.rule)
    except rules.NotARule as wrong:
        raise BrokenRule(_("its rule is not understood.")) from wrong
    return rule_condition(rule, deeper)


def rule_condition(rule: rules.Group, ask: Ask | None = None, actor: Actor | None = None) -> ColumnElement[bool]:
    """A rule as a condition on `Customer`. BrokenRule when it can't be asked, by this user."""
    for fault, why in (
        ("empty", _("there is a group without conditions. Add one, or remove the group.")),
        ("many", _("it has more than %(most)s conditions.", most=rules.MOST_CONDITIONS)),
        ("deep", _("its groups are nested too deep.")),
    ):
        if fault in rules.faults(rule):
            raise BrokenRule(why)
    found = _node(rule, rule_fields(actor), ask or here())
    asks_status = any(one.field == "customer.status" for one in rules.conditions(rule))
    return found if asks_status else and_(found, Customer.status != "archived")


def _node(node: rules.Node, fields: Mapping[str, RuleField], ask: Ask) -> ColumnElement[bool]:
    if isinstance(node, rules.Condition):
        return _condition(node, fields, ask)
    parts = [_node(item, fields, ask) for item in node.items]
    if node.op == "all":
        return and_(*parts)
    # A condition that is neither true nor false, for want of a value, is not true.
    return or_(*parts) if node.op == "any" else not_(func.coalesce(or_(*parts), false()))


def _condition(one: rules.Condition, fields: Mapping[str, RuleField], ask: Ask) -> ColumnElement[bool]:
    field = fields.get(one.field)
    if field is None:
        raise BrokenRule(
            _("the field “%(field)s” is not there any more, or not yours to ask.", field=one.label or one.field)
        )
    if one.operator not in field.operators:
        raise BrokenRule(_("“%(field)s” is not compared with anything.", field=field.label))
    if one.days and not field.windowed:
        raise BrokenRule(_("“%(field)s” has no time to look back on.", field=field.label))
    named = rules.Condition(one.field, one.operator, one.values, one.days, str(field.label))
    return field.build(named, ask)


def _of_cells(cells: Sequence[str]) -> ColumnElement[bool]:
    known = {choice.value for choice in cell_choices()}
    if not cells:
        raise BrokenRule(_("no RFM cell is chosen."))
    if gone := [cell for cell in cells if cell not in known]:
        raise BrokenRule(_("there is no RFM cell “%(cell)s” any more.", cell=gone[0]))
    return Customer.id.in_(select(CustomerRfm.customer_id).where(CustomerRfm.cell.in_(cells)))


def _ids_of(segment_id: int, ask: Ask) -> Select[Any]:
    """Another segment, asked from within a rule."""
    found = session.get(Segment, segment_id)
    if found is None:
        raise BrokenRule(_("the segment #%(id)s is not there any more.", id=segment_id))
    return select(Customer.id).where(segment_condition(found, ask))


# --------------------------------------------------------------------- the verbs


def count(asked: ColumnElement[bool], actor: Actor | None) -> int:
    return session.scalar(select(func.count()).select_from(customers_where(asked, actor).subquery())) or 0


def first(asked: ColumnElement[bool], actor: Actor | None, many: int = PREVIEW) -> Sequence[Customer]:
    query = select(Customer).where(Customer.id.in_(customers_where(asked, actor)))
    return session.scalars(query.order_by(Customer.name_key, Customer.id).limit(many)).all()


def save_segment(segment: Segment | None, values: Mapping[str, Any], by: Actor | None) -> Segment:
    """Make or change a segment: name, kind (of a new one), rule, cells, description, owner_id, active.

    Refused without a name or with another's, and with a rule that can't be asked: also by this user, for whoever changes a
    segment sees how many it finds.
    """
    name = (values.get("name") or "").strip()
    if not name:
        raise Refused(_("Give the segment a name."))
    taken = select(Segment.id).where(func.lower(Segment.name) == name.lower())
    if (other := session.scalar(taken)) is not None and (segment is None or other != segment.id):
        raise Refused(_("There is a segment “%(name)s” already.", name=name))
    made = segment or Segment(kind=values["kind"], rule={}, owner_id=by.id if by is not None else None)
    before = None if segment is None else dict(made.rule)
    made.name, made.description = name, (values.get("description") or "").strip() or None
    for column in ("owner_id", "active"):
        if column in values:
            setattr(made, column, values[column])
    if made.kind == "rule" and "rule" in values:
        made.rule = rules.plain(_labelled(values["rule"]))
    elif made.kind == "rfm" and "cells" in values:
        made.rule = {"cells": list(values["cells"])}
    try:
        if made.kind == "rule":
            within = frozenset({made.id}) if made.id is not None else frozenset()
            rule_condition(rules.read(made.rule), Ask(today(), within, _ids_of), by)
        else:
            segment_condition(made, here())
    except BrokenRule as broken:
        raise Refused(_("This rule can't be used: %(why)s", why=broken.why)) from broken
    session.add(made)
    session.flush()
    if before is not None and before != made.rule:
        record_event(made, "rule_changed")
    return made


def _labelled(rule: rules.Group) -> rules.Group:
    """Each condition with what its field is called now, to name it one day when it is gone."""
    fields = rule_fields()

    def named(node: rules.Node) -> rules.Node:
        if isinstance(node, rules.Group):
            return rules.Group(node.op, tuple(named(item) for item in node.items))
        label = str(fields[node.field].label) if node.field in fields else node.label
        return rules.Condition(node.field, node.operator, node.values, node.days, label)

    return rules.Group(rule.op, tuple(named(item) for item in rule.items))


def delete_segment(segment: Segment) -> None:
    """Refused while another segment asks for it: that one would be left without an answer."""
    for other in session.scalars(select(Segment).where(Segment.id != segment.id, Segment.kind == "rule")):
        try:
            asked = rules.conditions(rules.read(other.rule))
        except rules.NotARule:
            continue
        if any(one.field == "segment" and str(segment.id) in one.values for one in asked):
            raise Refused(_("The segment “%(name)s” asks for this one. Change that first.", name=other.name))
    session.delete(segment)
    session.flush()


def add_customers(segment: Segment, ids: Iterable[int], by: Actor | None) -> int:
    """Put customers on a fixed list; returns how many are new. Refused for other kinds; customers not seen are not there."""
    return _change(segment, select(Customer.id).where(Customer.id.in_(list(ids))), by)


def add_from(segment: Segment, other: Segment, by: Actor | None) -> int:
    """Put on a fixed list whoever is in another segment now."""
    return _change(segment, customers_in(other, by), by)


def _change(segment: Segment, wanted: Select[Any], by: Actor | None) -> int:
    _must_be_fixed(segment)
    lock(segment)
    seen = true() if by is None else CUSTOMER_SCOPE(by, by.scope("customer"))
    missing = wanted.where(seen, Customer.id.not_in(members_of(segment))).order_by(None)
    found = session.scalars(missing).all()
    for model, more in ((SegmentMember, {"since": today()}), (SegmentMove, {"joined": True, "on": today()})):
        if found:
            session.execute(insert(model), [{"segment_id": segment.id, "customer_id": id, **more} for id in found])
    _note_count(segment)
    return len(found)


def remove_customers(segment: Segment, ids: Iterable[int], by: Actor | None) -> int:
    """Take customers off a fixed list; returns how many."""
    _must_be_fixed(segment)
    lock(segment)
    seen = true() if by is None else CUSTOMER_SCOPE(by, by.scope("customer"))
    query = members_of(segment).where(
        SegmentMember.customer_id.in_(select(Customer.id).where(Customer.id.in_(list(ids)), seen))
    )
    gone = session.scalars(query).all()
    if not gone:
        raise NotThere
    mine = and_(SegmentMember.segment_id == segment.id, SegmentMember.customer_id.in_(gone))
    session.execute(delete(SegmentMember).where(mine))
    rows = [{"segment_id": segment.id, "customer_id": id, "joined": False, "on": today()} for id in gone]
    session.execute(insert(SegmentMove), rows)
    _note_count(segment)
    return len(gone)


def _must_be_fixed(segment: Segment) -> None:
    if segment.kind != "static":
        raise Refused(
            _("Who is in “%(name)s” follows from its rule. Change the rule, or make a fixed list.", name=segment.name)
        )


def _note_count(segment: Segment) -> None:
    asked = members_of(segment).subquery()
    segment.customers, segment.counted_at = session.scalar(select(func.count()).select_from(asked)), now()
    session.flush()


def note_members(segment: Segment) -> bool:
    """Compare who is in the segment now with who was, and keep the difference. False when its rule can't be used.

    The first time nobody has come: they were just never counted before.
    """
    if segment.kind == "static":
        _note_count(segment)
        return True
    if fault_of(segment) is not None:
        return False
    lock(segment)
    day, known, there = today(), segment.counted_at is not None, members_of(segment)
    # Asked once: a rule over years of lines is not asked again for those who came and for those who went.
    found = set(session.scalars(customers_in(segment)))
    before = set(session.scalars(there))
    came, gone = sorted(found - before), sorted(before - found)
    if came:
        rows = [{"segment_id": segment.id, "customer_id": id, "since": day} for id in came]
        session.execute(insert(SegmentMember), rows)
    for at in range(0, len(gone), 500):
        left = SegmentMember.customer_id.in_(gone[at : at + 500])
        session.execute(delete(SegmentMember).where(SegmentMember.segment_id == segment.id, left))
    moves = [
        {"segment_id": segment.id, "customer_id": id, "joined": joined, "on": day}
        for ids, joined in ((came, True), (gone, False))
        for id in ids
        if known
    ]
    if moves:
        session.execute(insert(SegmentMove), moves)
    _note_count(segment)
    return True


def moves_of(segment: Segment, actor: Actor, many: int = 30) -> Sequence[Any]:
    """Who came and went last: (customer id, name, joined, day), those that this user may see."""
    seen = CUSTOMER_SCOPE(actor, actor.scope("customer"))
    query = select(Customer.id, Customer.name, SegmentMove.joined, SegmentMove.on)
    query = query.join(Customer, Customer.id == SegmentMove.customer_id)
    query = query.where(SegmentMove.segment_id == segment.id, seen)
    return session.execute(query.order_by(SegmentMove.on.desc(), SegmentMove.id.desc()).limit(many)).all()


def here() -> Ask:
    """What a condition needs to know, asked today."""
    return Ask(today(), segment=_ids_of)

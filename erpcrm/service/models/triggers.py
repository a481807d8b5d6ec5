"""What the database itself refuses: what happened to a ticket is never changed, since its promises are counted from it."""

from sqlalchemy import DDL, event

from .tickets import TicketEvent

SQLITE = tuple(
    f"""CREATE TRIGGER ticket_events_{name} BEFORE {what} ON ticket_events BEGIN
SELECT RAISE(ABORT, 'what happened to a ticket is never changed'); END"""
    for name, what in (("keep", "UPDATE"), ("stay", "DELETE"))
)
POSTGRESQL = (
    """CREATE FUNCTION ticket_events_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION 'what happened to a ticket is never changed' USING ERRCODE = 'check_violation'; END $$""",
    """CREATE TRIGGER ticket_events_guard BEFORE UPDATE OR DELETE ON ticket_events
FOR EACH ROW EXECUTE FUNCTION ticket_events_guard()""",
)

for dialect, statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
    for statement in statements:
        event.listen(
            TicketEvent.__table__, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)
        )

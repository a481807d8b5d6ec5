"""Sales: quotations with versions, orders whose states follow from quantities, contracts that orders call off.

It keeps what is offered, agreed and ordered, at which price and why; deliveries and invoices are told to it from above.
"""

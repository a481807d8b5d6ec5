"""Finance: the ledger in double entry, what customers owe, invoices, payments, the bank, dunning."""

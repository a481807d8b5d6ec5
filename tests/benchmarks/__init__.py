"""`make bench`: how fast erpcrm is on a large database, measured from outside on the server that users start."""

"""The import wizard: a file of somebody else's becomes records, in steps that a newcomer can see and change."""

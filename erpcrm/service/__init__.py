"""Service: tickets, the time in which they are answered, complaints, feedback, surveys and knowledge."""

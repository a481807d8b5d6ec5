"""Priority from impact and urgency: the usual three by three matrix of service desks (ITIL, incident management)."""

PRIORITIES = ("urgent", "high", "normal", "low")
LEVELS = ("high", "medium", "low")

MATRIX = {
    ("high", "high"): "urgent",
    ("high", "medium"): "high",
    ("high", "low"): "normal",
    ("medium", "high"): "high",
    ("medium", "medium"): "normal",
    ("medium", "low"): "low",
    ("low", "high"): "normal",
    ("low", "medium"): "low",
    ("low", "low"): "low",
}
"""(impact, urgency): priority"""


def priority(impact: str, urgency: str) -> str:
    """How soon a ticket is to be worked on: what it harms against how long that can wait."""
    return MATRIX[impact, urgency]

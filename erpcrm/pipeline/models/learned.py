"""What was learned from won and lost deals."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from erpcrm.core.db import Base, now


class LearnedModel(Base):
    """One night's learning; the last row is in force."""

    __tablename__ = "learned_models"

    id: Mapped[int] = mapped_column(primary_key=True)
    trained_at: Mapped[datetime] = mapped_column(default=now)
    won: Mapped[int]
    lost: Mapped[int]
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What `learning.Learned` is read from; empty where there was too little to learn from"""
    calibration: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Predicted and real, of deals that were held out: what `learning.Calibration` is read from"""

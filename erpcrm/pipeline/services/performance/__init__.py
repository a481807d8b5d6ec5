"""What selling has brought: figures of closed deals, by whom, where and what; how deals went through their stages."""

from .deals import PAGE, Chosen, Deal, deals_of, number_of_deals
from .dimensions import DIMENSIONS, Dimension, first_day, label_of, quarter_label
from .figures import Figures, Reason, Row, reasons_lost, rows_by, total_of
from .stages import ActivityCount, StageFigures, activities_of_won, stage_figures
from .wanted import Wanted, conditions

__all__ = [
    "DIMENSIONS",
    "PAGE",
    "ActivityCount",
    "Chosen",
    "Deal",
    "Dimension",
    "Figures",
    "Reason",
    "Row",
    "StageFigures",
    "Wanted",
    "activities_of_won",
    "conditions",
    "deals_of",
    "first_day",
    "label_of",
    "number_of_deals",
    "quarter_label",
    "reasons_lost",
    "rows_by",
    "stage_figures",
    "total_of",
]

"""Fields that users add to records: what they are, and how forms, lists, pages, imports and the trail read them."""

from .definitions import CustomField, FieldKind, fields_of, kinds_with_fields
from .forms import add_fields, custom_values, field_for
from .lists import change_labels, columns_of, custom_facts, fold_custom, import_fields
from .values import HasCustom

__all__ = [
    "CustomField",
    "FieldKind",
    "HasCustom",
    "add_fields",
    "change_labels",
    "columns_of",
    "custom_facts",
    "custom_values",
    "field_for",
    "fields_of",
    "fold_custom",
    "import_fields",
    "kinds_with_fields",
]

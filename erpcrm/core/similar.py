"""shim"""
import re, unicodedata
from rapidfuzz import fuzz
_FORMS = re.compile(r"(股份有限公司|有限责任公司|有限公司|公司|集团|\bco\b|\bltd\b|\bgmbh\b|\binc\b|\bcorp\b|\bllc\b|\bag\b|\bsa\b)")
def normalise(name):
    t = unicodedata.normalize("NFKC", name or "").lower()
    t = _FORMS.sub(" ", re.sub(r"[^\w\s]", " ", t))
    return "".join(t.split())
def similarity(a, b):
    return int(fuzz.ratio(a, b))

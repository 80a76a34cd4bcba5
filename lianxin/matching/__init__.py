"""Data comparison (数据比对): the same person in two lists, or twice in one. Stands alone: no Django, no other app."""

from lianxin.matching.answers import Answer
from lianxin.matching.explaining import Waterfall, explain, explain_found
from lianxin.matching.linking import Limits, Linked, dedupe, link
from lianxin.matching.lookup import Found, Prepared, lookup, prepare
from lianxin.matching.model import Model, default_model, load_model, save_model
from lianxin.matching.words import Language, Words

__all__ = [
    "Answer",
    "Found",
    "Language",
    "Limits",
    "Linked",
    "Model",
    "Prepared",
    "Waterfall",
    "Words",
    "dedupe",
    "default_model",
    "explain",
    "explain_found",
    "link",
    "load_model",
    "lookup",
    "prepare",
    "save_model",
]

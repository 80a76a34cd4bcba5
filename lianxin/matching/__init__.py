"""Data comparison (数据比对): the same person in two lists, or twice in one. Stands alone: no Django, no other app."""

from lianxin.matching.linking import Limits, Linked, dedupe, link
from lianxin.matching.model import Model, default_model, load_model, save_model
from lianxin.matching.words import Language, Words

__all__ = [
    "Language",
    "Limits",
    "Linked",
    "Model",
    "Words",
    "dedupe",
    "default_model",
    "link",
    "load_model",
    "save_model",
]

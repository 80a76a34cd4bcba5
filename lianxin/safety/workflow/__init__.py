"""Every kind of case of the safety line. Importing this registers them."""

from lianxin.safety.workflow import hazard, recheck, reprisal, suggestion, sweep

__all__ = ["hazard", "recheck", "reprisal", "suggestion", "sweep"]

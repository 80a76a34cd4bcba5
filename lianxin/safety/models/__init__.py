"""The tables of the safety line."""

from lianxin.safety.models.accidents import Accident, Recheck, Reprisal
from lianxin.safety.models.hazards import (
    Hazard,
    HazardReport,
    RectificationOrder,
    SafetyProfile,
    Suggestion,
)
from lianxin.safety.models.procedures import Procedure, ProcedureVersion, ReadDuty, Reading
from lianxin.safety.models.rewards import Award, RewardRule
from lianxin.safety.models.sweeps import Sweep, SweepCheck

__all__ = [
    "Accident",
    "Award",
    "Hazard",
    "HazardReport",
    "Procedure",
    "ProcedureVersion",
    "ReadDuty",
    "Reading",
    "Recheck",
    "RectificationOrder",
    "Reprisal",
    "RewardRule",
    "SafetyProfile",
    "Suggestion",
    "Sweep",
    "SweepCheck",
]

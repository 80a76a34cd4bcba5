"""What openings and steps of the safety line ask for."""

from lianxin.safety.forms.fields import TextsField
from lianxin.safety.forms.grading import GradeForm
from lianxin.safety.forms.hazards import (
    CompleteForm,
    ExtensionForm,
    HazardOpening,
    MergeForm,
    OrderForm,
    RectifyForm,
    RerouteForm,
    VerifyForm,
)
from lianxin.safety.forms.others import (
    AnswerForm,
    FindingForm,
    InvestigationForm,
    RecheckForm,
    RecheckOpening,
    ReprisalOpening,
    SuggestionOpening,
    SweepCheckOpening,
    SweepOpening,
)

__all__ = [
    "AnswerForm",
    "CompleteForm",
    "ExtensionForm",
    "FindingForm",
    "GradeForm",
    "HazardOpening",
    "InvestigationForm",
    "MergeForm",
    "OrderForm",
    "RecheckForm",
    "RecheckOpening",
    "RectifyForm",
    "ReprisalOpening",
    "RerouteForm",
    "SuggestionOpening",
    "SweepCheckOpening",
    "SweepOpening",
    "TextsField",
    "VerifyForm",
]

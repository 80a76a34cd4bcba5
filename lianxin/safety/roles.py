"""Offices of the safety line, beside those that every union has."""

from lianxin.kernel.people.roles import SITE_MANAGER, UNION_OFFICER, declare
from lianxin.kernel.text import Text

SAFETY_EXPERT = declare("safety_expert", Text("安全专家", "safety expert"))
SAFETY_OFFICE = declare("safety_office", Text("安委办干部", "officer of the safety committee's office"))
AUTHORITY = declare("safety_authority", Text("安全监管部门联系人", "receiver at the safety authority"))

__all__ = ["AUTHORITY", "SAFETY_EXPERT", "SAFETY_OFFICE", "SITE_MANAGER", "UNION_OFFICER"]

"""What is asked of somebody who joins: as little as will do."""

from typing import Any

from django import forms

from lianxin.kernel.keys import key_in
from lianxin.kernel.orgs.models import Organization, Site
from lianxin.kernel.people.joining import WORDING
from lianxin.kernel.people.services import LONGEST_NAME
from lianxin.kernel.people.signin import PhoneField
from lianxin.kernel.text import Text


class JoinForm(forms.Form):
    """Name, number, perhaps the employer, and the yes."""

    name = forms.CharField(
        label=Text("姓名", "Name"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = PhoneField()
    chosen_place = forms.CharField(
        label=Text("工作单位", "Employer"), required=False, widget=forms.HiddenInput
    )
    consent = forms.BooleanField(
        label=WORDING,
        error_messages={
            "required": Text(
                "不同意就无法开户；匿名报隐患不用开户。",
                "Without it there can be no account; to report anonymously you need none.",
            )
        },
    )

    def clean_chosen_place(self) -> Organization | None:
        """The employer, chosen from the search as itself or by one of its places."""
        field, _, value = str(self.cleaned_data["chosen_place"]).partition(":")
        pk = key_in(value)
        if pk is None:
            return None
        if field == "site":
            site = Site.objects.filter(pk=pk, active=True).select_related("organization").first()
            return site.organization if site else None
        return Organization.objects.filter(pk=pk, kind=Organization.Kind.ENTERPRISE, active=True).first()


class CodeForm(forms.Form):
    """The code that came by text message."""

    code = forms.CharField(
        label=Text("短信验证码", "Code from the message"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def clean_code(self) -> str:
        """Digits only: phones paste spaces along."""
        text: Any = self.cleaned_data["code"]
        return "".join(letter for letter in text if letter.isalnum())

"""Raising something together: who shares in it, and how much."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from lianxin.kernel import scope
from lianxin.kernel.cases.forms import OpeningForm
from lianxin.kernel.cases.models import Reporter
from lianxin.kernel.keys import key_in
from lianxin.kernel.people.models import Person
from lianxin.kernel.text import Text
from lianxin.safety.forms.fields import NamesWidget, TextsField

_SHARES = range(1, 101)
_PEOPLE = 20


class SharesField(forms.Field):
    """Whole-number shares, the first for the sender; a list, or numbers parted by commas."""

    def to_python(self, value: Any) -> list[int]:
        """Each share is a whole number of 1 or more."""
        if value in (None, "", []):
            return []
        parts = value if isinstance(value, list | tuple) else str(value).replace("\uff0c", ",").split(",")
        try:
            shares = [int(str(part).strip()) for part in parts]
        except ValueError:
            shares = [0]
        if any(share not in _SHARES for share in shares):
            raise ValidationError(
                str(Text("份额须为 1 到 100 的整数。", "A share is a whole number from 1 to 100."))
            )
        return shares


class ColleaguesField(TextsField):
    """Colleagues of the sender, each by full name or by key: nobody can leaf through the list of persons.

    The value is a list of ``Person``. ``sender`` is set by the form.
    """

    sender: Person | None = None

    def to_python(self, value: Any) -> list[Any]:
        """Find each among the persons of the sender's organization; one name must mean one person."""
        names = super().to_python([str(item) for item in value or []])
        found = [self._find(name) for name in names]
        if len({person.pk for person in found}) != len(found):
            raise ValidationError(str(Text("同一人不能写两次。", "Name each person once.")))
        return found

    def _find(self, name: str) -> Person:
        sender = self.sender
        key = key_in(name)
        which: dict[str, object] = {"name": name} if key is None else {"pk": key}
        # The sender may not look at persons; whether the name means somebody is all they learn.
        with scope.use(scope.EVERYTHING):
            people = Person.objects.filter(organization=sender.organization_id if sender else None, **which)
            found = list(people.exclude(pk=sender.pk if sender else 0).exclude(organization=None)[:2])
        if len(found) != 1:
            message = Text("本单位找不到“{name}”，或有重名。", "“{name}” is nobody here, or more than one.")
            raise ValidationError(str(message.format(name=name)))
        return found[0]


class JointOpening(OpeningForm):
    """An opening with co-authors and their shares."""

    co_authors = ColleaguesField(
        required=False,
        label=Text("合作者（同单位，写全名）", "Together with (colleagues, full names)"),
        widget=NamesWidget,
    )
    people = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=_PEOPLE,
        label=Text("一共几个人（只在匿名时填）", "How many of you (only when anonymous)"),
        help_text=Text(
            "每人一个回执码，各领各的份。", "Each gets a receipt code and claims their own share."
        ),
    )
    shares = SharesField(
        required=False,
        label=Text("份额（本人在前）", "Shares (yours first)"),
        help_text=Text("例如两人：60,40。不填就平分。", "For two, say: 60,40. Left empty, they are equal."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Colleagues of the sender may be named."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["co_authors"]
        field.sender = self.actor.person

    def clean(self) -> dict[str, Any]:
        """One share for each author, or none at all for equal ones; without a name, only their number is known."""
        data = super().clean()
        anonymous = data.get("mode") == Reporter.Mode.ANONYMOUS
        named = 1 + len(data.get("co_authors") or ())
        people = data.get("people") or (len(data.get("shares") or ()) or 1 if anonymous else named)
        if anonymous and named > 1:
            told = Text("匿名提交不写姓名，请只填人数。", "Without a name, say how many you are, not who.")
            self.add_error("co_authors", str(told))
        elif not anonymous and people != named:
            told = Text("人数只在匿名时填写。", "The number of people is only for anonymous reports.")
            self.add_error("people", str(told))
        elif data.get("shares") and len(data["shares"]) != people:
            self.add_error("shares", str(Text("每位作者一个份额。", "One share for each author.")))
        data["people"] = people if anonymous else 1
        return data

    def spoken(self) -> dict[str, Any]:
        """History shows the words; who wrote them stands apart."""
        return {
            name: value
            for name, value in super().spoken().items()
            if name not in {"co_authors", "people", "shares"}
        }

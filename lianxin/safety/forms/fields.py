"""Fields that our forms share."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from lianxin.kernel.cases.forms import LONG_TEXT
from lianxin.kernel.money import Money
from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text

SEVERAL = 3
MOST = 20


def long_text(
    label: Text, *, required: bool = True, rows: int = 3, help_text: Text | str = ""
) -> forms.CharField:
    """Room for some sentences."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONG_TEXT,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class _Several(forms.Widget):
    """The same input several times under one name, all but the first folded away; a program sends a list."""

    more = Text("再写一处", "Write one more")

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """All values under the name, from a page's data or a plain dict."""
        given = data.getlist(name) if hasattr(data, "getlist") else data.get(name)
        return [given] if isinstance(given, str) else list(given or [])

    def format_value(self, value: Any) -> Any:
        """A list stays a list."""
        return value

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        """One input for each text, and empty ones up to three."""
        texts: Sequence[str] = [value] if isinstance(value, str) else list(value or [])
        texts = [*texts, *[""] * max(1, SEVERAL - len(texts))]
        first, *others = [
            super(_Several, self).render(name, text, self._own(attrs or {}, number), renderer)
            for number, text in enumerate(texts)
        ]
        return format_html(
            '{}<details class="lx-more"{}><summary>{}</summary>{}</details>',
            first,
            mark_safe(" open") if any(texts[1:]) else "",
            self.more,
            mark_safe("".join(others)),  # noqa: S308 - Django's own widget has escaped each part
        )

    def _own(self, attrs: dict[str, Any], number: int) -> dict[str, Any]:
        """Ids and names for the ear are each input's own."""
        if not number:
            return attrs
        own = {**attrs, "aria-label": f"{self.attrs.get('aria-label', '')} {number + 1}"}
        return {**own, "id": f"{attrs['id']}_{number}"} if "id" in attrs else own


class TextsWidget(_Several, forms.Textarea):
    """Text areas."""


class NamesWidget(_Several, forms.TextInput):
    """Single lines."""

    more = Text("再加一人", "Add another")


class TextsField(forms.Field):
    """Several texts; empty ones are dropped, so the value is a list of stripped texts, perhaps empty."""

    widget = TextsWidget

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Three lines are enough to begin with."""
        return {"aria-label": self.label, **({"rows": 3} if isinstance(widget, forms.Textarea) else {})}

    def to_python(self, value: Any) -> list[str]:
        """Strip, drop the empty, refuse what is too long or too many."""
        if any(not isinstance(text, str) for text in value or []):
            raise forms.ValidationError(str(Text("每一项须为文字。", "Each item has to be text.")))
        texts = [text.strip().replace("\x00", "") for text in value or []]
        texts = [text for text in texts if text]
        if len(texts) > MOST:
            raise forms.ValidationError(
                str(Text("一次最多 {n} 处。", "At most {n} at once.").format(n=MOST)), code="too_many"
            )
        if any(len(text) > LONG_TEXT for text in texts):
            raise forms.ValidationError(
                str(Text("每处最多 {n} 字。", "At most {n} characters each.").format(n=LONG_TEXT)),
                code="too_long",
            )
        return texts


class MoneyField(forms.CharField):
    """Yuan as typed; the value is ``Money`` of nothing or more."""

    def told(self, fen: int) -> str:
        """What history shows of the whole fen that it keeps."""
        return f"¥{Money(fen)}"

    def clean(self, value: Any) -> Any:
        """Refuse what is no amount, or less than nothing."""
        text = super().clean(value)
        if text in ("", None):
            return None
        try:
            amount = Money.yuan(text)
        except Refused as refusal:
            raise forms.ValidationError(str(refusal.message)) from None
        if amount.fen < 0:
            raise forms.ValidationError(str(Text("金额不能为负。", "The amount cannot be negative.")))
        return amount

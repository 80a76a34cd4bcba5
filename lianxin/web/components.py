"""How a component becomes a template tag that refuses what it does not know.

Django's own tag parser already refuses an unknown attribute when the template compiles. Two things are added:
words that stand in one language only, and a literal that is not among an attribute's choices.
"""

from collections.abc import Callable, Collection, Mapping
from functools import cache, wraps
from typing import Any

from django.template import Context, Library, Template, TemplateSyntaxError
from django.template.base import Parser, Token
from django.template.loader import get_template
from django.utils.safestring import SafeString

from lianxin.kernel.text import Text
from lianxin.web.icons import ICONS

Facts = dict[str, Any]
Component = Callable[..., Facts]
Drawing = Callable[..., SafeString]
QUOTES = ("'", '"')
FEW = 12


def render(name: str, facts: Facts) -> SafeString:
    """Draw a component's template. A page holds hundreds: each is looked up once, and knows only its facts."""
    return compiled(name).render(Context(facts))


@cache
def compiled(name: str) -> Template:
    """The template of a component, compiled when it is first drawn."""
    template: Template = get_template(name).template  # type: ignore[attr-defined]  # Django's own backend has it
    return template


def words(zh: object, en: str | None = None) -> object:
    """Make the words of a component: two literals become a ``Text``; a single value is data or a ``Text``."""
    return zh if en is None else Text(str(zh), en)


class Components:
    """Registers components with one template library."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def inline(
        self, template: str, *, worded: bool = False, **choices: Collection[str]
    ) -> Callable[..., Component]:
        """Register ``{% name … %}``: the function returns what its template shows."""

        def register(component: Component) -> Component:
            @wraps(component)
            def draw(*args: Any, **kwargs: Any) -> SafeString:
                return render(template, component(*args, **kwargs))

            self._add(self.library.simple_tag, component, draw)
            self._guard(component.__name__, choices, worded=worded)
            return component

        return register

    def drawn(self, *, worded: bool = False, **choices: Collection[str]) -> Callable[[Drawing], Drawing]:
        """Register ``{% name … %}`` whose function draws it itself: for what stands in every line of a list."""

        def register(drawing: Drawing) -> Drawing:
            self._add(self.library.simple_tag, drawing, drawing)
            self._guard(drawing.__name__, choices, worded=worded)
            return drawing

        return register

    def block(
        self, template: str, *, worded: bool = False, **choices: Collection[str]
    ) -> Callable[..., Component]:
        """Register ``{% name … %}…{% endname %}``: what stands between is ``content`` in the template."""

        def register(component: Component) -> Component:
            @wraps(component)
            def draw(*args: Any, **kwargs: Any) -> SafeString:
                # With a context the content comes second, without it first; Django passes both by position.
                content = next(value for value in args if isinstance(value, SafeString))
                return render(template, {"content": content, **component(*args, **kwargs)})

            self._add(self.library.simple_block_tag, component, draw)
            self._guard(component.__name__, choices, worded=worded)
            return component

        return register

    @staticmethod
    def _add(
        registrar: Callable[..., Any], component: Callable[..., Any], draw: Callable[..., SafeString]
    ) -> None:
        first = next(iter(component.__code__.co_varnames), "")
        registrar(draw, takes_context=True) if first == "context" else registrar(draw)

    def _guard(self, name: str, choices: Mapping[str, Collection[str]], *, worded: bool) -> None:
        compile_tag = self.library.tags[name]

        def compile_guarded(parser: Parser, token: Token) -> Any:
            bits = token.split_contents()[1:]
            if worded:
                _refuse_one_language(name, bits)
            _refuse_unknown_choice(name, bits, {"icon": ICONS, **choices})
            return compile_tag(parser, token)

        self.library.tags[name] = compile_guarded


def _refuse_one_language(name: str, bits: list[str]) -> None:
    quoted = [bit.startswith(QUOTES) for bit in bits[:2]]
    if quoted and quoted[0] and quoted != [True, True]:
        message = (
            f"'{name}' shows {bits[0]} in one language: write the Chinese and the English, both in quotes"
        )
        raise TemplateSyntaxError(message)


def _refuse_unknown_choice(name: str, bits: list[str], choices: Mapping[str, Collection[str]]) -> None:
    # The icon's own name comes first and unnamed: {% icon "camera" %}.
    named = [f"icon={bit}" if name == "icon" and number == 0 else bit for number, bit in enumerate(bits)]
    for attribute, _, value in (bit.partition("=") for bit in named):
        allowed = choices.get(attribute)
        if allowed is not None and value.startswith(QUOTES) and value[1:-1] not in allowed:
            choose = (
                f"choose from {', '.join(sorted(allowed))}"
                if len(allowed) <= FEW
                else "see lianxin/web/icons.py"
            )
            message = f"'{name}' has no {attribute} {value}: {choose}"
            raise TemplateSyntaxError(message)

"""A part of a page that is the same for every reader of a language: drawn once, and kept."""

from collections.abc import Iterable

from django.template import Context, Library, TemplateSyntaxError, Variable
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.template.base import TextNode as MarkupNode
from django.template.defaulttags import CommentNode, URLNode
from django.template.library import SimpleNode
from django.templatetags.static import StaticNode
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from lianxin.web.templatetags.words import TextNode

register = Library()

CONSTANTS = ("True", "False", "None")


class OnceNode(Node):
    """Remembers what it drew, by language."""

    child_nodelists = ("nodelist",)

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self.drawn: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        """The same as the last time; two readers at once may both draw the first."""
        del context
        language = get_language()
        if language not in self.drawn:
            self.drawn[language] = self.nodelist.render(Context())
        return self.drawn[language]


@register.tag
def once(parser: Parser, token: Token) -> OnceNode:
    """``{% once %}…{% endonce %}``: words, addresses and icons, nothing that depends on reader, page or moment."""
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    for node in nodelist:
        if not _is_constant(node):
            message = f"'once' keeps what it draws for everybody, and {node.token.contents} may differ"  # type: ignore[union-attr]  # the parser gives each node its token
            raise TemplateSyntaxError(message)
    return OnceNode(nodelist)


def _is_constant(node: Node) -> bool:
    if isinstance(node, TextNode):
        return not node.values and node.name is None
    if isinstance(node, StaticNode):
        return node.varname is None and _are_literal([node.path])
    if isinstance(node, URLNode):
        return node.asvar is None and _are_literal([node.view_name, *node.args, *node.kwargs.values()])
    if isinstance(node, SimpleNode):
        named = node.kwargs.values()
        inside = getattr(node, "nodelist", ())
        return (
            not node.takes_context
            and node.target_var is None
            and _are_literal([*node.args, *named])
            and all(_is_constant(each) for each in inside)
        )
    return isinstance(node, MarkupNode | CommentNode)


def _are_literal(values: Iterable[FilterExpression]) -> bool:
    return all(not value.filters and _is_literal(value) for value in values)


def _is_literal(value: FilterExpression) -> bool:
    variable = value.var
    return not isinstance(variable, Variable) or variable.literal is not None or variable.var in CONSTANTS

"""Finding cases by words: PostgreSQL's ``tsvector`` over Chinese words cut by jieba, off the hot path.

Only what reviewers may read anyway is indexed: the title and what was said in the steps; and whoever
searches finds only cases that they may see. No dictionary of PostgreSQL's is involved: the words are cut here,
on writing and on searching alike.
"""

import functools
import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Act, Case
from lianxin.kernel.cases.numbers import clean_number
from lianxin.kernel.cases.queries import cases_visible_to
from lianxin.kernel.people.actors import Actor

# A tsvector holds a megabyte at most, and a word 2 KB; what goes on for longer is found by its beginning.
MOST_LETTERS = 20_000
MOST_WORDS = 12
_BATCH = 200
_WORD = re.compile(r"[0-9A-Za-z\u3400-\u9fff]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def search_cases(viewer: Actor, text: str) -> QuerySet[Case]:
    """The cases that the viewer may see in which every word of the text occurs, newest first.

    A whole case number finds its case even before it is indexed. Nothing is found for a text without words.
    """
    visible = cases_visible_to(viewer).select_related("organization", "owner")
    number = clean_number(text)
    if number:
        return visible.filter(number=number)
    words = list(dict.fromkeys(words_of(text)))[:MOST_WORDS]
    if not words:
        return visible.none()
    query = SearchQuery(words[0], config="simple")
    for word in words[1:]:
        query &= SearchQuery(word, config="simple")
    return visible.filter(search=query).order_by("-opened_at", "-id")


def index_new(*, limit: int = 5_000) -> int:
    """Fill the search column of cases that have none yet; several workers share the work. Returns how many."""
    indexed = 0
    while indexed < limit:
        with scope.act():
            cases = list(
                Case.objects.select_for_update(of=("self",), skip_locked=True)
                .filter(search=None)
                .order_by("id")[:_BATCH]
            )
            said = _said(cases)
            for case in cases:
                _write(case, said.get(case.pk, []))
        indexed += len(cases)
        if len(cases) < _BATCH:
            break
    return indexed


def index_again(case: Case) -> None:
    """Forget what was indexed of a case, so that the next turn indexes it with what was said since."""
    Case.objects.filter(pk=case.pk).update(search=None)


def words_of(text: str) -> list[str]:
    """The words of a text: Chinese ones cut for search (long words and their parts), others in lower case."""
    words: list[str] = []
    for run in _WORD.findall(text[:MOST_LETTERS]):
        words += cutter().cut_for_search(run) if _CHINESE.search(run) else [run]
    return [word.lower() for word in words if word.strip()]


def _said(cases: Iterable[Case]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    acts = Act.objects.filter(case__in=list(cases)).order_by("id").values_list("case_id", "data")
    for case_id, data in acts:
        found.setdefault(case_id, []).extend(_texts(data))
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _write(case: Case, texts: list[str]) -> None:
    heading = " ".join(words_of(case.title))
    body = " ".join(words_of(" ".join(texts)))
    Case.objects.filter(pk=case.pk).update(
        search=RawSQL(
            "setweight(to_tsvector('simple', %s), 'A') || setweight(to_tsvector('simple', %s), 'B')",
            [heading, body],
        )
    )


@functools.cache
def cutter() -> Any:
    """The cutter of Chinese words, loaded on first use (a second, 60 MB): a process that never searches never pays."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    return jieba

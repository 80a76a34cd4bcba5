"""What is hidden stays hidden when the whole is published beside the parts."""

from hypothesis import given
from hypothesis import strategies as st

from lianxin.kernel.metrics.suppression import hidden_parts

sizes = st.lists(st.integers(0, 12), max_size=8)


def test_nothing_small_hides_nothing() -> None:
    assert hidden_parts([0, 5, 9], 5) == [False, False, False]
    assert hidden_parts([1, 2], 0) == [False, False]


def test_one_small_group_takes_the_next_smallest_with_it() -> None:
    assert hidden_parts([4, 9, 6, 0], 5) == [True, False, True, False]


@given(sizes=sizes, smallest=st.integers(1, 6))
def test_the_hidden_ones_make_a_group_together(sizes: list[int], smallest: int) -> None:
    hidden = hidden_parts(sizes, smallest)
    concealed = [size for size, hide in zip(sizes, hidden, strict=True) if hide]
    shown = [size for size, hide in zip(sizes, hidden, strict=True) if not hide]
    assert all(size == 0 or size >= smallest for size in shown)
    everybody = [size for size in sizes if size]
    if concealed and len(concealed) < len(everybody):
        assert len(concealed) > 1
        assert sum(concealed) >= smallest

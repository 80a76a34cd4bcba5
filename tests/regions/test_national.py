"""The national list of region codes, without a database."""

from lianxin.regions.national import Level, national_list, stem


def test_every_region_stands_under_a_higher_one() -> None:
    entries = national_list()
    for entry in entries.values():
        if entry.level == Level.PROVINCE:
            assert entry.parent_id is None
        else:
            parent = entries[entry.parent_id or ""]
            assert parent.level < entry.level
            assert entry.code.startswith(parent.code.rstrip("0"))


def test_every_successor_is_of_the_same_level_and_begins_later() -> None:
    entries = national_list()
    retired = [entry for entry in entries.values() if entry.successor_id]
    assert len(retired) > 2500
    for entry in retired:
        heir = entries[entry.successor_id or ""]
        assert entry.valid_to is not None
        assert heir.level == entry.level
        assert heir.valid_from > entry.valid_to


def test_no_region_became_itself_on_any_way() -> None:
    entries = national_list()
    for code in entries:
        seen = {code}
        heir = entries[code].successor_id
        while heir:
            assert heir not in seen
            seen.add(heir)
            heir = entries[heir].successor_id


def test_stem_leaves_off_the_kind() -> None:
    assert [stem(name) for name in ("京山县", "京山市", "神农架林区", "鄂伦春自治旗", "河南")] == [
        "京山",
        "京山",
        "神农架",
        "鄂伦春",
        "河南",
    ]

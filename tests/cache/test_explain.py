from hypothesis import given
from hypothesis import strategies as st

from atelier.cache.explain import Reason, ReasonKind, explain, nearest

NOW = {
    "input/journal": "i",
    "library/pydantic": "l",
    "scheme/request": "n",
    "option/tries": "o",
    "rules": "r",
    "schema/output": "s",
    "stand-in": "t",
    "stand-in/flow.py:extract": "t1",
    "code": "c",
    "code/helpers.py:clean": "c1",
    "code/flow.py:draft": "c2",
    "prompt/prompts/draft.md": "p",
    "model": "m",
    "scope": "d",
}
LABELS = st.sampled_from(list(NOW))
MAPS = st.dictionaries(LABELS, st.sampled_from(["1", "2", "3"]))


def texts(earlier: dict[str, str] | None, now: dict[str, str]) -> list[str]:
    return [reason.text for reason in explain(earlier, now)]


def test_reasons_are_ordered_by_cause() -> None:
    assert texts(dict.fromkeys(NOW, "earlier"), NOW) == [
        "scope changed",
        "model changed",
        "prompt changed: prompts/draft.md",
        "code changed: helpers.py:clean",
        "code changed: flow.py:draft",
        "stand-in changed: flow.py:extract",
        "schema changed: output",
        "rules changed",
        "option changed: tries",
        "scheme changed: request",
        "library changed: pydantic",
        "input changed: journal",
    ]


def test_without_an_earlier_key_it_is_the_first_run() -> None:
    assert texts(None, NOW) == ["first run"]
    assert texts({}, {}) == []


def test_a_part_that_moved_is_no_reason() -> None:
    earlier = {"code": "x", "code/a.py:f": "1", "code/a.py:g": "1"}
    now = {"code": "x", "code/b.py:f": "1", "code/a.py:g": "1"}
    assert texts(earlier, now) == []


def test_a_part_that_moved_and_another_that_came_are_told_apart() -> None:
    earlier = {"code/a.py:f": "1"}
    now = {"code/b.py:f": "1", "code/b.py:g": "1", "code/b.py:h": "2"}
    assert texts(earlier, now) == ["code changed: b.py:g", "code changed: b.py:h"]


def test_edited_parts_come_before_those_that_came_and_went() -> None:
    earlier = {"code/f": "1", "code/gone": "3"}
    now = {"code/new": "2", "code/f": "9"}
    assert texts(earlier, now) == ["code changed: f", "code changed: new", "code changed: gone"]


def test_an_input_of_an_equal_digest_elsewhere_is_a_reason() -> None:
    assert texts({"input/a": "1"}, {"input/b": "1"}) == ["input changed: b", "input changed: a"]


def test_a_name_that_means_another_known_part_has_a_reason_of_its_own() -> None:
    earlier = {"code": "x", "code/f": "1"}
    assert texts(earlier, {**earlier, "code": "y"}) == [
        "code changed: which definition a name means"
    ]


def test_an_unknown_label_is_an_option() -> None:
    assert explain({}, {"later/thing": "1"}) == [Reason(ReasonKind.OPTION, "thing")]


@given(MAPS, MAPS)
def test_a_reason_exists_exactly_where_something_beside_a_place_differs(
    earlier: dict[str, str], now: dict[str, str]
) -> None:
    found = explain(earlier, now)
    if earlier == now:
        assert found == []
    places = ("code/", "stand-in/", "prompt/")
    rest = [{k: v for k, v in each.items() if not k.startswith(places)} for each in (earlier, now)]
    if rest[0] != rest[1]:
        assert found


@given(st.lists(MAPS, max_size=4), MAPS)
def test_the_nearest_shares_most_and_is_the_newest_of_equals(
    candidates: list[dict[str, str]], now: dict[str, str]
) -> None:
    index = nearest(candidates, now)
    if index is None:
        assert candidates == []
        return
    shared = [len(each.items() & now.items()) for each in candidates]
    assert shared[index] == max(shared)
    assert shared[index] not in shared[index + 1 :]

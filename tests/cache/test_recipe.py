from typing import Any

import pytest

from atelier.cache.explain import explain
from atelier.cache.parts import Closure, Part, Unseen
from atelier.cache.recipe import Recipe, recipe_of

CLOCK = Unseen("clock: time.time", "flow.py:3", "pass the moment as a packet parameter")
CODE = Closure(
    "sha256:c",
    (Part("flow.py:draft", "function", "sha256:1", "def draft(): ..."),),
    (CLOCK,),
    {"pydantic": "2.12", "python": "3.11"},
)
STAND_IN = Closure(
    "sha256:s",
    (Part("flow.py:extract", "function", "sha256:2", "def extract(): ..."),),
    (CLOCK,),
    {"yaml": "6"},
)
GIVEN: dict[str, Any] = {
    "scope": "default",
    "code": CODE,
    "prompts": {"prompts/draft.md": b"Write.", "prompts/part.md": b"More."},
    "schema": {"type": "object"},
    "binding": {"model": "m"},
    "stand_in": None,
    "options": {"tries": 3},
    "schemes": {"request": 1},
    "pure": False,
}


def made(**changes: Any) -> Recipe:
    return recipe_of(**{**GIVEN, **changes})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"code": Closure("sha256:d", (Part("flow.py:draft", "function", "sha256:9", ""),), (), {})},
         "code changed: flow.py:draft"),
        ({"code": Closure("sha256:d", CODE.parts, (), {})},
         "code changed: which definition a name means"),
        ({"prompts": {**GIVEN["prompts"], "prompts/part.md": b"Less."}},
         "prompt changed: prompts/part.md"),
        ({"schema": {"type": "array"}}, "schema changed: output"),
        ({"binding": {"model": "n"}}, "model changed"),
        ({"options": {"tries": 4}}, "option changed: tries"),
        ({"schemes": {"request": 2}}, "scheme changed: request"),
        ({"stand_in": STAND_IN}, "stand-in changed: flow.py:extract"),
        ({"rules": "terra: rules@4"}, "rules changed"),
        ({"pure": True}, "library changed: pydantic"),
    ],
)  # fmt: skip
def test_each_ingredient_changes_the_recipe_and_is_named(changes: Any, reason: str) -> None:
    before, after = made(), made(**changes)
    assert before.digest != after.digest
    assert reason in [each.text for each in explain(before.digests, after.digests)]


def test_paths_and_labels_are_not_in_the_digest() -> None:
    moved = Closure(
        "sha256:c", (Part("b.py:draft", "function", "sha256:1", ""),), (), CODE.libraries
    )
    other = made(code=moved, prompts={"p/a.md": b"Write.", "p/b.md": b"More."})
    assert other.digest == made().digest
    assert explain(made().digests, other.digests) == []


def test_the_order_of_inclusion_counts() -> None:
    turned = dict(reversed(GIVEN["prompts"].items()))
    assert made(prompts=turned).digest != made().digest


def test_libraries_are_keyed_for_pure_stages_and_recorded_for_all() -> None:
    newer = Closure(CODE.digest, CODE.parts, (), {"pydantic": "2.13", "python": "3.11"})
    assert made(code=newer).digest == made().digest
    assert made(code=newer, pure=True).digest != made(pure=True).digest
    assert made(stand_in=STAND_IN).libraries_recorded == {
        "pydantic": "2.12", "python": "3.11", "yaml": "6",
    }  # fmt: skip
    assert "library/pydantic" not in made().components


def test_rules_stand_in_place_of_the_code() -> None:
    ruled = made(rules="terra: rules@4", pure=True)
    other = Closure("sha256:other", (), (), {"pydantic": "9"})
    assert made(rules="terra: rules@4", pure=True, code=other).digest == ruled.digest
    assert ruled.components["rules"].text == '"terra: rules@4"'
    assert not any(label.startswith("code") for label in ruled.components)
    assert ruled.unseen == ()


def test_what_is_unseen_is_told_once() -> None:
    assert made(stand_in=STAND_IN).unseen == (CLOCK,)


def test_components_keep_their_text() -> None:
    components = made().components
    assert components["prompt/prompts/draft.md"].text == "Write."
    assert components["code/flow.py:draft"].text == "def draft(): ..."
    assert components["model"].text == '{"model":"m"}'
    assert components["code"].text is None

from hypothesis import given
from hypothesis import strategies as st

from atelier.cache.keys import call_key, missing_digest, run_key, stage_key
from atelier.kernel.digest import digest, is_digest

TEXT = st.text(max_size=5)
INPUTS = st.dictionaries(TEXT, TEXT, max_size=3)


@given(TEXT, TEXT, INPUTS, TEXT, TEXT, INPUTS)
def test_two_stage_keys_are_equal_only_where_all_is(
    scope: str, recipe: str, inputs: dict[str, str],
    scope2: str, recipe2: str, inputs2: dict[str, str],
) -> None:  # fmt: skip
    same = (scope, recipe, inputs) == (scope2, recipe2, inputs2)
    assert (stage_key(scope, recipe, inputs) == stage_key(scope2, recipe2, inputs2)) is same


def test_kinds_of_keys_never_collide() -> None:
    keys = [
        stage_key("s", "r", {}),
        run_key("s", "r", {}, None),
        run_key("s", "r", {}, artefact={}),
        call_key("s", "r", {}),
    ]
    assert len(set(keys)) == len(keys)
    assert all(map(is_digest, keys))


def test_golden_keys() -> None:
    assert stage_key("default", "sha256:r", {"a": "sha256:1"}) == (
        "sha256:505d50cdcbec80c1fe2332fa6d156d986be217304ee78779b05f12cb1adf09f4"
    )
    assert run_key("default", "sha256:p", {"draft": {"recipe": "sha256:r"}}, None) == (
        "sha256:c1e1fcb4d58073e2d9dfd79887d90c5b7b1bf54e7bb5a2aca7faeb2325d346c3"
    )
    assert call_key("default", {"model": "m"}, {"messages": []}) == (
        "sha256:ac38896c6b79da90a2887ef84a4661c4b25524c8847c5794f136e45dc0e8b2f4"
    )


def test_no_present_value_has_the_digest_of_a_missing_one() -> None:
    assert missing_digest() != digest({"missing": True})
    assert missing_digest() != digest(None)
    assert is_digest(missing_digest())

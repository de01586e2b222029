"""The lock: what stands for what, and what is told when it no longer does."""

from pathlib import Path

import pytest

from atelier.kernel.errors import SetupError
from atelier.models import Binding
from atelier.models.lock import (
    Drift,
    Lock,
    Pin,
    drift,
    moved,
    parse_lock,
    read_lock,
    render_lock,
    resolve,
)

ALIAS = "openai:gpt-5"
PINNED = Lock({ALIAS: Pin(alias=ALIAS, snapshot="gpt-5-2026-03-01")})
FOLLOWED = Lock({ALIAS: Pin(alias=ALIAS, snapshot="gpt-5-2026-03-01", policy="follow")})
ASKED = Binding("writer", "openai", "gpt-5")


def test_a_lock_is_written_the_same_and_read_back() -> None:
    strange = 'a:b"\\\x07\x7fé'
    lock = Lock({strange: Pin(alias=strange, snapshot='s"'), **FOLLOWED.pins})
    assert parse_lock(render_lock(lock)) == lock
    assert render_lock(parse_lock(render_lock(lock))) == render_lock(lock)
    assert render_lock(Lock()).startswith("#")


def test_a_pin_asks_for_the_snapshot() -> None:
    bound = resolve(ASKED, PINNED)
    assert bound.as_json()["model"] == "gpt-5-2026-03-01"
    assert "alias" not in bound.as_json()
    assert resolve(ASKED, Lock()) is ASKED


def test_a_followed_alias_is_asked_for_under_the_key_of_its_snapshot() -> None:
    bound = resolve(ASKED, FOLLOWED)
    assert bound.as_json()["alias"] == "gpt-5"
    assert bound.as_json()["model"] == "gpt-5-2026-03-01"
    later = resolve(ASKED, moved(FOLLOWED, Drift(alias=ALIAS, expected="", served="gpt-5-x")))
    assert later.as_json() != bound.as_json()


def test_drift_is_another_model_than_the_one_that_was_reviewed() -> None:
    bound = resolve(ASKED, PINNED)
    found = drift(bound, "gpt-5-2026-09-01")
    assert found == Drift(alias=ALIAS, expected="gpt-5-2026-03-01", served="gpt-5-2026-09-01")
    assert [drift(bound, served) for served in ("gpt-5-2026-03-01", "gpt-5", "")] == [None] * 3
    assert drift(ASKED, "anything") is None


def test_what_was_accepted_is_in_the_next_lock() -> None:
    found = Drift(alias="a:b", expected="", served="b-2")
    assert moved(Lock(), found).pins["a:b"].snapshot == "b-2"


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "[gpt]\nsnapshot = 's'",
        "'a:b' = 1",
        "['a:b']",
        "['a:b']\nsnapshot = ''",
        "['a:b']\nsnapshot = 1",
        "['a:b']\nsnapshot = 's'\npolicy = 'hope'",
        "['a:b']\nsnapshot = 's'\nsince = 'now'",
    ],
)
def test_a_lock_is_read_strictly(text: str, tmp_path: Path) -> None:
    (tmp_path / "atelier.lock").write_text(text)
    with pytest.raises(SetupError):
        read_lock(tmp_path / "atelier.lock")


def test_without_the_file_nothing_is_pinned(tmp_path: Path) -> None:
    assert read_lock(tmp_path / "atelier.lock") == Lock()

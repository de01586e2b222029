from collections.abc import Callable
from typing import Any

import pytest
from inline_snapshot import snapshot

Ask = Callable[..., Any]
Settled = Callable[[str], str]


def roles(ask: Ask, digest: str) -> list[str]:
    return [found["role"] for found in ask("why", digest, "--json").json["is"]]


def test_a_digest_says_what_it_is(made: Any, ask: Ask) -> None:
    draft = made.edited["stages"][0]
    assert roles(ask, draft["output"]) == ["output"]
    assert roles(ask, draft["key"]) == ["stage key"]
    assert roles(ask, made.edited["packet"]) == ["packet"]
    assert roles(ask, made.edited["artefact"]["digest"]) == ["artefact"]
    packet = ask("packet", "show", "latest", "--json").json
    assert roles(ask, packet["slices"][0]["digest"]) == ["slice"]
    assert roles(ask, packet["slices"][0]["elements"][1]["digest"]) == ["element"]


def test_an_output_names_its_stage_and_the_runs_that_used_it(
    made: Any, ask: Ask, settled: Settled
) -> None:
    output = made.first["stages"][0]["output"]
    found = ask("why", output, "--json").json["is"][0]
    assert found["run"] == made.first["run"]
    assert found["newest_runs"] == [made.served["run"], made.first["run"]]
    assert settled(ask("why", output).out) == snapshot("""\
DIGEST  89 bytes
  output of draft, first made in run RUN1: first run
next  atelier blob cat DIGEST\
""")


def test_the_hex_alone_will_do(made: Any, ask: Ask) -> None:
    output = made.first["stages"][0]["output"]
    assert ask("why", output.removeprefix("sha256:"), "--json").json["digest"] == output


@pytest.mark.parametrize(
    ("digest", "code"),
    [("sha256:" + "0" * 64, "why.unknown_digest"), ("sha256:12", "cli.usage")],
)
def test_an_unknown_digest_is_refused(made: Any, ask: Ask, digest: str, code: str) -> None:
    done = ask("why", digest, "--json")
    assert done.code == 2
    assert done.json["error"]["code"] == code


def test_a_digest_answers_to_its_first_digits_as_tables_show_it(made: Any, ask: Ask) -> None:
    draft = made.edited["stages"][0]
    packet = ask("packet", "show", "latest", "--json").json
    element = packet["slices"][0]["elements"][1]["digest"]
    uncited = packet["slices"][0]["elements"][0]["digest"]
    artefact = made.edited["artefact"]["digest"]
    for digest in (draft["output"], draft["key"], packet["packet"], element, artefact):
        assert ask("why", digest[:19], "--json").json["digest"] == digest
        assert ask("why", digest[7:], "--json").json["digest"] == digest
    assert "[why.unknown_digest]" in ask("why", uncited[:19]).err, "found, and cited nowhere"
    assert ask("blob", "cat", draft["output"][:15]).code == 0
    assert ask("packet", "show", packet["packet"][:19]).code == 0


def test_a_start_that_no_digest_has_is_refused(made: Any, ask: Ask) -> None:
    for words in (["why"], ["blob", "cat"]):
        done = ask(*words, "sha256:00000000")
        assert done.code == 2
        assert "[cli.digest_prefix] No digests that the ledger knows start so." in done.err


def test_the_mark_in_an_artefact_leads_to_its_run(made: Any, ask: Ask) -> None:
    mark = made.root.joinpath("pages/maya.md").read_text().rpartition("atelier:")[2].split()[0]
    (role,) = ask("why", mark, "--json").json["is"]
    assert (role["role"], role["path"]) == ("mark", "pages/maya.md")
    assert role["run"] == made.edited["run"]
    assert "mark of artefact pages/maya.md" in ask("why", mark[:19]).out

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

from collections.abc import Callable
from typing import Any

from inline_snapshot import snapshot

Ask = Callable[..., Any]
Settled = Callable[[str], str]


def test_an_edit_is_named_and_its_diff_shown_without_the_sources(
    made: Any, ask: Ask, settled: Settled
) -> None:
    assert not (made.root / "helpers.py").exists()
    done = ask("why", "latest", "draft")
    assert done.code == 0
    assert settled(done.out) == snapshot("""\
week  run RUN1  complete
draft  ran  code changed: helpers.py:tell; input changed: entries/1/text
  compared with run RUN2, row 1
code changed: helpers.py:tell
  @@ -1,3 +1,3 @@
   def tell(texts: list[str]) -> str:
  -  ran = next(text for text in texts if text.startswith("Ran"))
  +  ran = next(text for text in texts if text.startswith("Ran 7"))
       return f"{ran}\\n\\n{BOAST}"
input changed: entries
  ~ /1/text
    - "Ran 7 km along the river on Monday."
    + "Ran 7 km along the canal on Monday."\
""")


def test_a_stage_below_an_edit_names_what_changed_above_it(
    made: Any, ask: Ask, settled: Settled
) -> None:
    done = ask("why", "latest", "grounded")
    assert settled(done.out) == snapshot("""\
week  run RUN1  complete
grounded  ran  input changed: draft/text; input changed: packet/entries/1/text
  compared with run RUN2, row 2
input changed: draft
  ~ /text
    @@ -1,3 +1,3 @@
    -Ran 7 km along the river on Monday.
    +Ran 7 km along the canal on Monday.

    Everybody cheered in Lisbon.
input changed: packet
  ~ /entries/1/text
    - "Ran 7 km along the river on Monday."
    + "Ran 7 km along the canal on Monday."
next  atelier why RUN1 draft\
""")


def test_the_json_of_a_stage_holds_diff_and_places(made: Any, ask: Ask) -> None:
    found = ask("why", "latest", "draft", "--json").json
    assert found["outcome"] == "ran"
    assert found["made_in"]["compared_with"]["run"] == made.first["run"]
    code, entries = found["made_in"]["changes"]
    assert code["reason"] == "code changed: helpers.py:tell"
    assert '-    ran = next(text for text in texts if text.startswith("Ran"))' in code["diff"]
    assert entries["reason"] == "input changed: entries"
    assert entries["places"] == [
        {
            "pointer": "/1/text",
            "kind": "changed",
            "earlier": "Ran 7 km along the river on Monday.",
            "now": "Ran 7 km along the canal on Monday.",
        }
    ]


def test_a_served_stage_leads_to_the_run_that_made_its_value(made: Any, ask: Ask) -> None:
    done = ask("why", made.served["run"], "draft")
    assert done.code == 0
    assert f"made in run {made.first['run']}: first run" in done.out
    assert "no earlier execution" in done.out


def test_a_first_execution_has_nothing_to_be_compared_with(made: Any, ask: Ask) -> None:
    found = ask("why", made.first["run"], "page", "--json").json
    assert found["made_in"]["reason"] == "first run"
    assert found["made_in"]["compared_with"] is None, "later rows are not what came before"


def test_a_run_is_answered_stage_by_stage(made: Any, ask: Ask, settled: Settled) -> None:
    assert settled(ask("why", "latest").out) == snapshot("""\
week  run RUN1  complete
  draft  ran  code changed: helpers.py:tell; input changed: entries/1/text
  grounded  ran  input changed: draft/text; input changed: packet/entries/1/text
  page  ran  input changed: grounded/claims/0/citations/0/address/element (+4 more)
next  atelier why RUN1 draft\
""")
    found = ask("why", made.served["run"], "--json").json
    assert found["served_from"] == made.first["run"]
    assert [stage["outcome"] for stage in found["stages"]] == ["reused"] * 3


def test_a_run_answers_to_a_unique_prefix(made: Any, ask: Ask) -> None:
    prefixes = [made.edited["run"][:size] for size in range(1, 27)]
    others = [made.first["run"], made.served["run"]]
    unique = next(text for text in prefixes if not any(other.startswith(text) for other in others))
    assert ask("why", unique, "--json").json["run"] == made.edited["run"]
    done = ask("why", made.edited["run"][:2], "--json")
    assert done.code == 2
    assert done.json["error"]["code"] == "cli.several_runs"
    assert made.edited["run"] in done.json["error"]["facts"]["runs"], "it names them"
    assert ask("why", "zzz", "--json").json["error"]["code"] == "cli.no_run"


def test_an_unknown_stage_is_refused_with_the_known_ones(made: Any, ask: Ask) -> None:
    done = ask("why", "latest", "drift", "--json")
    assert done.code == 2
    assert done.json["error"]["facts"]["stages"] == "draft, grounded, page"

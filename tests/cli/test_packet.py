from collections.abc import Callable
from pathlib import Path
from typing import Any

from inline_snapshot import snapshot

Ask = Callable[..., Any]
Settled = Callable[[str], str]


def test_a_recorded_packet_is_shown_with_its_origins(made: Any, ask: Ask, settled: Settled) -> None:
    assert settled(ask("packet", "show", "latest").out) == snapshot("""\
packet DIGEST
  name  maya
slice  elements  digest  from
entries  3  DIGEST  entries/maya.jsonl\
""")


def test_a_slice_is_listed_element_by_element(made: Any, ask: Ask, settled: Settled) -> None:
    assert settled(ask("packet", "show", "latest", "--slice", "entries").out) == snapshot("""\
at  digest  origin  value
0  DIGEST  entries/maya.jsonl:1  {"day":"2026-03-01","text":"Rested on Sunday."}
1  DIGEST  entries/maya.jsonl:2  {"day":"2026-03-02","text":"Ran 7 km along the canal on Monday."}
2  DIGEST  entries/maya.jsonl:3  {"day":"2026-03-03","text":"Did not sleep well on Tuesday."}\
""")
    assert ask("packet", "show", "latest", "--slice", "letters").code == 2


def test_a_packet_is_the_same_collected_and_recorded(made: Any, standing: Path, ask: Ask) -> None:
    collected = ask("packet", "show", "week_flow.py", "--json").json
    recorded = ask("packet", "show", made.first["run"], "--json", "--project", str(made.root)).json
    assert collected == recorded


def test_what_differs_is_shown_by_element(made: Any, ask: Ask, settled: Settled) -> None:
    done = ask("packet", "diff", made.first["run"], "latest")
    assert settled(done.out) == snapshot("""\
entries
  ~ /1
      /text  "Ran 7 km along the river on Monday." → "Ran 7 km along the canal on Monday."\
""")
    found = ask("packet", "diff", made.first["packet"], made.edited["packet"], "--json").json
    (change,) = found["slices"]["entries"]["changed"]
    assert change["differences"] == [
        {
            "pointer": "/text",
            "earlier": "Ran 7 km along the river on Monday.",
            "later": "Ran 7 km along the canal on Monday.",
        }
    ]


def test_equal_packets_do_not_differ(made: Any, ask: Ask) -> None:
    assert ask("packet", "diff", made.first["run"], made.served["run"]).out == (
        "The packets are equal.\n"
    )

"""Who holds a lease, and whether that process still lives."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from atelier.ledger.owner import boot_id, is_dead, started_at, this_process


def test_this_process_is_alive_and_one_owner() -> None:
    me = this_process()
    assert me == this_process()
    assert not is_dead(me)
    assert str(me) == f"{me.host}:{me.pid}"


def test_a_process_that_ended_is_dead_and_its_number_may_be_used_again() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        owner = replace(this_process(), pid=child.pid, started=started_at(child.pid) or "")
        assert not is_dead(owner)
        assert is_dead(replace(owner, started="1")), "the same number, another process"
        child.kill()
        while started_at(child.pid) is not None:  # a zombie is dead, too
            pass
        assert is_dead(owner)
    assert is_dead(owner)


def test_an_earlier_boot_of_this_host_is_over() -> None:
    me = this_process()
    assert is_dead(replace(me, boot="an earlier boot"))
    assert not is_dead(replace(me, boot="an earlier boot", host="elsewhere"))


def test_another_space_of_process_ids_is_not_judged_by_ours() -> None:
    me = this_process()
    container = replace(me, boot=me.boot.partition("/")[0] + "/pid:[1]", pid=999_999)
    assert not is_dead(container), "its numbers mean nothing here"


def test_where_the_system_does_not_say_nobody_is_known_to_be_dead(tmp_path: Path) -> None:
    me = this_process()
    assert boot_id(tmp_path) == ""
    assert started_at(1, tmp_path) is None
    assert not is_dead(me, proc=tmp_path)
    assert not is_dead(replace(me, boot=""))


def test_a_name_with_spaces_and_parentheses_does_not_shift_the_fields(tmp_path: Path) -> None:
    folder = tmp_path / "7"
    folder.mkdir()
    rest = " ".join(str(number) for number in range(4, 53))
    (folder / "stat").write_text(f"7 (a) b ) R {rest}")
    assert started_at(7, tmp_path) == "22"

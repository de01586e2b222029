from collections.abc import Callable
from pathlib import Path
from typing import Any

from atelier.kernel.digest import digest_bytes

Ask = Callable[..., Any]
Atelier = Callable[..., Any]


def test_a_blob_is_printed_byte_for_byte(made: Any, atelier: Atelier) -> None:
    output = made.first["stages"][0]["output"]
    done = atelier("blob", "cat", output, cwd=made.root)
    assert done.code == 0
    assert digest_bytes(done.out.encode()) == output


def test_an_unknown_blob_exits_with_2(made: Any, ask: Ask) -> None:
    assert ask("blob", "cat", "sha256:" + "0" * 64).code == 2
    assert ask("blob", "cat", "nonsense").code == 2


def test_a_damaged_blob_exits_with_4_and_is_never_printed(tmp_path: Path, ask: Ask) -> None:
    import apsw

    from atelier.ledger.sqlite import SqliteLedger
    from atelier.ledger.store import Commit

    data = b'"said"'
    path = tmp_path / ".atelier/ledger.sqlite"
    ledger = SqliteLedger.open(path)
    ledger.commit(Commit(blobs={digest_bytes(data): data})).result()
    ledger.close()
    connection = apsw.Connection(str(path))
    connection.execute("update blob set data = ?", (b'"sad."',))
    connection.close()
    for words in (["blob", "cat"], ["why"]):
        done = ask(*words, digest_bytes(data), "--project", str(tmp_path))
        assert done.code == 4
        assert done.out == ""
        assert "[cli.damaged]" in done.err

"""Whose a file is that lies where packages are installed."""

from pathlib import Path

import pytest

from atelier.cache import places
from atelier.cache.installed import is_claimed

RECORDS = {
    "wheel": (
        "acme-1.0.dist-info/RECORD",
        'acme/aid.py,sha256=x,3\n"acme/a,b.py",,\n../../bin/acme,,\n',
    ),
    "list of an older tool": (
        "acme-1.0.egg-info/installed-files.txt",
        "../acme/aid.py\nPKG-INFO\n",
    ),
    "name of another distribution": ("Tools_of_acme-1.0.dist-info/RECORD", "acme/aid.py,,\n"),
}


def put(folder: Path, path: str, text: str = "") -> Path:
    file = folder / "site-packages" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


@pytest.mark.parametrize("case", RECORDS)
def test_what_a_record_lists_is_claimed(case: str, tmp_path: Path) -> None:
    record = put(tmp_path, *RECORDS[case])
    claimed, loose = put(tmp_path, "acme/aid.py"), put(tmp_path, "acme/loose.py")
    assert [is_claimed(str(path)) for path in (claimed, claimed.parent, record)] == [True] * 3
    assert is_claimed(str(tmp_path / "site-packages"))
    assert not is_claimed(str(loose))
    assert not is_claimed(str(put(tmp_path, "other.py")))


def test_a_distribution_without_a_list_claims_its_packages(tmp_path: Path) -> None:
    put(tmp_path, "acme-1.0.egg-info/top_level.txt", "acme\nacmelib\n")
    claimed = [put(tmp_path, path) for path in ("acme/aid.py", "acmelib.py")]
    assert all(is_claimed(str(path)) for path in claimed)
    assert not is_claimed(str(put(tmp_path, "other.py")))


def test_what_lies_elsewhere_is_not_installed(tmp_path: Path) -> None:
    assert is_claimed(str(tmp_path / "acme.py")) is None


def test_what_is_unclaimed_beside_the_interpreter_is_the_projects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_STDLIB", (f"{tmp_path}/",))
    put(tmp_path, "acme-1.0.dist-info/RECORD", "acme.py,,\n")
    found = [places.owner_of_file(str(put(tmp_path, name))) for name in ("acme.py", "loose.py")]
    assert found == [places.Owner.LIBRARY, places.Owner.PROJECT]
    assert places.owner_of_file(str(tmp_path / "os.py")) is places.Owner.STDLIB

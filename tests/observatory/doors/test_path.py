"""No request names a file: paths take ids of strict form, and nothing else."""

from typing import Any

import pytest

from atelier.observatory.doors.scope import Scope

TRAVERSALS = [
    "../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "..%252f..%252fetc%252fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "%2e%2e%2fetc%2fpasswd",
    "..\\..\\etc\\passwd",
    "..%5c..%5cetc%5cpasswd",
    "%00",
    "login.css%00.js",
    "login.css/",
    "login.css/../../scope.py",
    "login.html%23",
    "login.html%3f",
    "....//....//etc/passwd",
    "/etc/passwd",
    "//etc/passwd",
    "%2fetc%2fpasswd",
    "file:%2f%2f%2fetc%2fpasswd",
    "\\\\evil.test\\share",
    "%5c%5cevil.test%5cshare",
    "C:%5cwindows%5cwin.ini",
    ".hidden.css",
    "LOGIN.CSS",
    "login.css;x",
    "login.py",
    "%c0%ae%c0%ae/etc/passwd",
    "\u2025/etc/passwd",
    "a" * 70 + ".css",
]
FOLDERS = [
    "/login/",
    "/static/",
    "/api/v1/content/",
    "/api/v1/artefacts/",
    "/api/v1/packets/",
    "/api/v1/runs/",
    "/api/v1/rows/",
    "/api/v1/tables/",
    "/api/v1/workflows/",
]
DIGESTS = [
    "sha256:" + "0" * 63,
    "sha256:" + "0" * 65,
    "sha256:" + "G" * 64,
    "sha256:" + "A" * 64,
    "sha512:" + "0" * 64,
    "0" * 64,
    "sha256:" + "0" * 64 + "%0a",
    "sha256:" + "0" * 60 + "/../",
    "sha256%3a" + "0" * 63 + "%00",
]
RUNS = ["latest", "0" * 25, "0" * 27, "0" * 25 + "l", "0" * 25 + "U", "z" * 26, "0" * 26 + "%0a"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_nothing_leads_out(doors: Any, folder: str) -> None:
    client, headers = doors.client(), doors.bearer(Scope.READ)
    for name in TRAVERSALS:
        answer = client.get(f"{folder}{name}", headers=headers)
        assert answer.status_code == 404, name
        assert "root:" not in answer.text
        assert name not in answer.text


@pytest.mark.parametrize("digest", DIGESTS)
def test_a_digest_is_written_in_one_way(doors: Any, digest: str) -> None:
    answer = doors.client().get(f"/api/v1/content/{digest}", headers=doors.bearer(Scope.READ))
    assert answer.json()["error"]["sentence"] == "There is no such page."


@pytest.mark.parametrize("run", RUNS)
def test_a_run_is_named_by_its_whole_id(doors: Any, run: str) -> None:
    answer = doors.client().get(f"/api/v1/runs/{run}", headers=doors.bearer(Scope.READ))
    assert answer.json()["error"]["sentence"] == "There is no such page."


@pytest.mark.parametrize("seq", ["0", "-1", "01", "1e3", "9" * 19, "1.0", "\u0661"])
def test_a_row_is_named_by_its_number(doors: Any, seq: str) -> None:
    answer = doors.client().get(f"/api/v1/rows/{seq}", headers=doors.bearer(Scope.READ))
    assert answer.status_code == 404


def test_static_files_are_of_their_types_and_known_to_the_browser(doors: Any) -> None:
    client = doors.client()
    for name, kind in {"login.css": "text/css", "login.js": "text/javascript"}.items():
        first = client.get(f"/login/{name}")
        assert first.headers["content-type"].startswith(kind)
        again = client.get(f"/login/{name}", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")

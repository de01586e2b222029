"""Tokens: shown once, kept as digests, alone with their owner, gone when revoked."""

import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from atelier.kernel.clock import SystemClock
from atelier.kernel.errors import SetupError
from atelier.observatory.doors.scope import Scope
from atelier.observatory.doors.token import TOKEN, Tokens, find_token

DAY = timedelta(days=1)


def test_a_token_is_kept_as_its_digest_alone(doors: Any, tmp_path: Path) -> None:
    secret = doors.secret(Scope.READ)
    assert TOKEN.match(secret)
    kept = (tmp_path / "state/doors/tokens.json").read_text()
    assert secret not in kept
    assert secret.removeprefix("atelier_") not in kept
    assert doors.tokens.find(secret).scope is Scope.READ


def test_file_and_folder_are_the_owners_alone(doors: Any, tmp_path: Path) -> None:
    doors.secret(Scope.READ)
    for path, mode in (("tokens.json", 0o600), ("lock", 0o600), ("", 0o700)):
        found = (tmp_path / "state/doors" / path).stat().st_mode
        assert stat.S_IMODE(found) == mode


def test_a_file_that_others_may_read_lets_nobody_in(doors: Any, tmp_path: Path) -> None:
    headers = doors.bearer(Scope.READ)
    (tmp_path / "state/doors/tokens.json").chmod(0o640)
    answer = doors.client().get("/api/v1/status", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "token.exposed")


def test_a_token_that_another_process_revokes_is_refused_at_once(
    doors: Any, tmp_path: Path
) -> None:
    token, secret = doors.tokens.new("x", Scope.READ, lasts=DAY)
    headers, client = {"authorization": f"Bearer {secret}"}, doors.client()
    assert client.get("/api/v1/status", headers=headers).status_code == 200
    assert Tokens.of(tmp_path / "state", SystemClock()).revoke(token.id) == token
    assert client.get("/api/v1/status", headers=headers).status_code == 401


def test_a_token_ends_with_its_time(doors: Any) -> None:
    headers, client = doors.bearer(Scope.READ), doors.client()
    doors.clock.ahead = DAY - timedelta(seconds=5)
    assert client.get("/api/v1/status", headers=headers).status_code == 200
    doors.clock.ahead = DAY
    assert client.get("/api/v1/status", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "shown", ["", "Bearer", "Bearer ", "Basic {}", "{}", "Bearer {}x", "Bearer {} {}", "Token {}"]
)
def test_a_token_is_shown_in_one_way_only(doors: Any, shown: str) -> None:
    secret = doors.secret(Scope.ADMIN)
    headers = {"authorization": shown.replace("{}", secret)}
    assert doors.client().get("/api/v1/status", headers=headers).status_code == 401


@pytest.mark.parametrize("name", ["t", "token", "access_token", "key", "authorization"])
def test_a_token_in_the_address_is_not_heard(doors: Any, name: str) -> None:
    secret = doors.secret(Scope.ADMIN)
    assert doors.client().get(f"/api/v1/status?{name}={secret}").status_code == 401
    assert doors.client().get(f"/login?t={secret}").headers.get("set-cookie") is None


def test_a_changed_file_of_tokens_is_no_way_in(doors: Any, tmp_path: Path) -> None:
    doors.secret(Scope.READ)
    path = tmp_path / "state/doors/tokens.json"
    path.write_text('{"tokens":[{"id":"x","scope":"public"}]}')
    with pytest.raises(SetupError, match=r"token\.file"):
        doors.tokens.all()


def test_two_processes_lose_no_token_of_each_other(tmp_path: Path) -> None:
    one, two = (Tokens.of(tmp_path, SystemClock()) for _ in range(2))
    for number in range(5):
        one.new(f"a{number}", Scope.READ, lasts=DAY)
        two.new(f"b{number}", Scope.READ, lasts=DAY)
    assert len(one.all()) == len(two.all()) == 10


def test_without_a_project_there_are_no_tokens_and_none_is_made() -> None:
    tokens = Tokens(None, SystemClock())
    assert (tokens.all(), tokens.find("atelier_" + "a" * 43)) == ((), None)
    with pytest.raises(SetupError, match=r"token\.none"):
        tokens.new("x", Scope.READ, lasts=DAY)


def test_who_keeps_the_server_sees_and_revokes_tokens_but_never_their_secrets(doors: Any) -> None:
    token, secret = doors.tokens.new("x", Scope.READ, lasts=DAY)
    headers, client = doors.bearer(Scope.ADMIN), doors.client()
    listed = client.get("/api/v1/tokens", headers=headers)
    assert token.as_json() in listed.json()["tokens"]
    assert secret not in listed.text
    assert token.digest not in listed.text
    path = f"/api/v1/tokens/{token.id}"
    assert client.delete(path, headers=headers).json() == token.as_json()
    assert client.delete(path, headers=headers).status_code == 404
    assert doors.tokens.find(secret) is None


def test_every_token_is_compared_whichever_is_shown(doors: Any) -> None:
    secrets = [doors.secret(Scope.READ) for _ in range(3)]
    for secret in [*secrets, "atelier_" + "a" * 43]:
        looked = iter(doors.tokens.all())
        find_token(looked, secret, now="")
        assert next(looked, None) is None

-- The leases' own file. It is disposable: a damaged one is replaced, and nothing in it is synced.

-- name: create
-- The one table.
create table lease (
  key     text primary key,
  host    text not null,
  boot    text not null,
  pid     integer not null,
  started text not null,
  token   text not null,
  renewed real not null
) strict, without rowid;
pragma user_version = 2;

-- name: claim
-- Those of some keys that nobody has; gives each with the count of changes by other connections.
insert into lease (key, host, boot, pid, started, token, renewed)
select value, :host, :boot, :pid, :started, :token, :renewed
from json_each(:keys)
where true
on conflict (key) do nothing
returning key, (select data_version from pragma_data_version);

-- name: acquire
-- One key for one owner, whoever had it before.
insert or replace into lease (key, host, boot, pid, started, token, renewed)
values (:key, :host, :boot, :pid, :started, :token, :renewed);

-- name: release
-- A key that an owner gives back.
delete from lease where key = ? and token = ?;

-- name: renew
-- Everything that an owner holds.
update lease set renewed = :renewed where token = :token;

-- name: find
-- The leases of some keys.
select key, host, boot, pid, started, token, renewed
from lease where key in (select value from json_each(:keys));

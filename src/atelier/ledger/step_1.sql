-- From version 1 to version 2: an attempt names its model class and price table, and calls have a
-- table. What stands here of the new version stands in `schema.sql` to the letter.

drop trigger attempt_kept;
drop trigger attempt_kept_whole;
drop index attempt_run;
alter table attempt rename to attempt_1;

create table attempt (
  number           integer primary key,
  id               text not null unique,
  run              text not null references run (run),
  stage            text not null,
  call             text not null,
  attempt          integer not null,
  request          text not null,
  model_class      text not null,
  model_requested  text not null,
  sent_at          text not null,
  element          text,
  reserved         integer check (reserved >= 0),
  outcome          text not null,
  response         text,
  model_served     text,
  input_tokens     integer check (input_tokens >= 0),
  cached_tokens    integer check (cached_tokens >= 0),
  output_tokens    integer check (output_tokens >= 0),
  reasoning_tokens integer check (reasoning_tokens >= 0),
  incurred         integer check (incurred >= 0),
  price_table      text,
  error            text check (json_valid(error)),
  ended_at         text,
  check (cached_tokens <= input_tokens),
  check (reasoning_tokens <= output_tokens)
) strict;
create index attempt_run on attempt (run, stage);
create index attempt_sent on attempt (sent_at);
create index attempt_open on attempt (call) where ended_at is null;
create index attempt_request on attempt (request);

create table call (
  number       integer primary key,
  call         text not null,
  draw         integer not null check (draw >= 0),
  answer       text not null,
  attempt      text not null references attempt (id),
  run          text not null references run (run),
  stage        text not null,
  model_served text,
  original     integer check (original >= 0),
  recorded_at  text not null,
  unique (call, draw)
) strict;

insert into attempt (
  number, id, run, stage, call, attempt, request, model_class, model_requested, sent_at, element,
  reserved, outcome, response, model_served, input_tokens, cached_tokens, output_tokens,
  reasoning_tokens, incurred, error, ended_at
)
select
  number, id, run, stage, call, attempt, request, '', model_requested, sent_at, element, reserved,
  outcome, response, model_served, input_tokens, cached_tokens, output_tokens, reasoning_tokens,
  incurred, error, ended_at
from attempt_1 order by number;
drop table attempt_1;

create trigger attempt_kept before update on attempt
when old.ended_at is not null or (old.id, old.run, old.stage, old.call, old.request)
  <> (new.id, new.run, new.stage, new.call, new.request)
begin select raise(abort, 'an attempt that has ended is never edited'); end;
create trigger attempt_kept_whole before delete on attempt
begin select raise(abort, 'rows of the ledger are never deleted'); end;
create trigger call_kept before update on call
begin select raise(abort, 'rows of the ledger are never edited'); end;
create trigger call_kept_whole before delete on call
begin select raise(abort, 'rows of the ledger are never deleted'); end;

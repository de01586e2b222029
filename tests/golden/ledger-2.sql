-- Version 2 of the ledger. Rows are added and never edited; digests point to blobs; money is
-- integer micros of a dollar, and an unknown amount is null, never 0. `docs/reference/ledger.md`
-- says what each column holds.

pragma application_id = 1096043602; -- 'ATLR'
pragma user_version = 2;

create table run (
  number     integer primary key,
  run        text not null unique,
  workflow   text not null,
  scope      text not null,
  packet     text not null,
  run_key    text not null,
  started_at text not null,
  target     text not null,
  namespace  text not null,
  parameters text not null check (json_valid(parameters)),
  subject    text,
  owner      text not null,
  versions   text not null check (json_valid(versions))
) strict;
create index run_packet on run (packet);
create index run_parameters on run (parameters, number);

-- `serves` is the run key where this run may be served to others, and null otherwise.
create table run_end (
  number      integer primary key references run (number),
  status      text not null
    check (status in ('complete', 'degraded', 'partial', 'failed', 'interrupted')),
  ended_at    text not null,
  sound       integer not null check (sound in (0, 1)),
  served_from text references run (run),
  seconds     real not null check (seconds >= 0),
  serves      text
) strict;
create index run_end_serves on run_end (serves, number) where serves is not null;
create index run_end_served on run_end (served_from) where served_from is not null;

create table row (
  seq              integer primary key,
  run              text not null references run (run),
  workflow         text not null,
  stage            text not null,
  outcome          text not null
    check (outcome in ('ran', 'reused', 'failed', 'blocked', 'run-hit')),
  recorded_at      text not null,
  element          text,
  reason           text not null,
  key              text,
  draw             integer not null check (draw >= 0),
  recipe           text,
  components       text,
  input            text,
  output           text,
  manifest         text,
  served_from      integer references row (seq),
  sound            integer not null check (sound in (0, 1)),
  unseen           text not null check (json_valid(unseen)),
  model_class      text,
  model_requested  text,
  model_served     text,
  requests         integer not null check (requests >= 0),
  input_tokens     integer check (input_tokens >= 0),
  cached_tokens    integer check (cached_tokens >= 0),
  output_tokens    integer check (output_tokens >= 0),
  reasoning_tokens integer check (reasoning_tokens >= 0),
  incurred         integer check (incurred >= 0),
  original         integer check (original >= 0),
  avoided          integer check (avoided >= 0),
  price_table      text,
  citations        integer check (citations >= 0),
  citations_digest text,
  decided_by       text,
  aside            text,
  seconds          real not null check (seconds >= 0),
  error            text check (json_valid(error)),
  leaf             text not null,
  check (cached_tokens <= input_tokens),
  check (reasoning_tokens <= output_tokens),
  check (served_from < seq),
  check (output is not null or key is null or sound = 0 or outcome <> 'ran')
) strict;
-- One key, one value: the first sound value of a draw is the value of that draw.
create unique index row_value on row (key, draw)
  where outcome = 'ran' and sound = 1 and key is not null;
create index row_run on row (run, stage, element);
create index row_output on row (output, stage) where outcome <> 'reused' and output is not null;
create index row_served on row (served_from) where served_from is not null;
create index row_candidate on row (stage, workflow) where components is not null;
create index row_stage on row (stage) where components is not null;

-- A commitment in `row.leaf` hides the row's content for as long as its salt is destroyed.
-- It is written with its row, and so are the row's inputs: a reference would only cost time.
create table salt (
  seq  integer primary key,
  salt blob not null check (length(salt) = 32)
) strict;

create table consumed (
  seq       integer not null,
  position  integer not null,
  parameter text not null,
  supply    text not null check (supply in ('slice', 'parameter', 'stage', 'packet')),
  source    text not null,
  digest    text not null,
  whole     text not null,
  primary key (seq, position)
) strict, without rowid;

create table packet (
  number   integer primary key,
  packet   text not null,
  manifest text not null,
  origins  text not null,
  run      text not null references run (run),
  unique (packet, manifest, origins)
) strict;

create table packet_slice (
  packet   text not null,
  position integer not null,
  name     text not null,
  digest   text not null,
  primary key (packet, position)
) strict, without rowid;
create index packet_slice_digest on packet_slice (digest, packet);
create index packet_slice_name on packet_slice (name, digest);

create table claim (
  number     integer primary key,
  output     text not null,
  claim      text not null,
  ordinal    integer not null,
  text       text not null,
  kind       text not null,
  verdict    text not null,
  flag       text not null,
  decided_by text not null,
  checks     text not null,
  unique (output, claim, ordinal)
) strict;

create table citation (
  number     integer primary key,
  output     text not null,
  claim      text not null,
  ordinal    integer not null,
  slice      text not null,
  element    text not null,
  occurrence integer not null,
  pointer    text not null,
  start      integer check (start >= 0),
  "end"      integer,
  quote      text not null,
  match      text not null,
  role       text not null,
  found_by   text not null,
  unique (output, claim, ordinal),
  check (start <= "end")
) strict;
create index citation_element on citation (element);

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

-- What an `ask` resolved to: one call and draw, one answer. `original` is what all of its attempts
-- cost.
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

create table artefact (
  seq         integer primary key,
  run         text not null references run (run),
  stage       text not null,
  path        text not null,
  digest      text not null,
  mark        text not null,
  lines       text not null,
  action      text not null,
  recorded_at text not null
) strict;
create index artefact_run on artefact (run);
create index artefact_path on artefact (path);
create index artefact_digest on artefact (digest);
create index artefact_mark on artefact (mark);

create table event (
  seq         integer primary key,
  kind        text not null,
  subject     text not null,
  detail      text not null,
  recorded_at text not null,
  run         text
) strict;

-- Content: a damaged blob is repaired, a memo is disposable, and `forget` destroys both.
create table blob (
  digest text primary key,
  data   blob not null
) strict;

create table memo (
  kind   text not null,
  key    text not null,
  digest text not null,
  data   blob not null,
  primary key (kind, key)
) strict;

-- A run's rows as a reader sees them: those of the run that a hit was served from are its own,
-- as `reused`, each pointing to its original, with nothing incurred.
create view stage_row as
  select
    seq, run, workflow, stage, outcome, recorded_at, element, reason, key, draw, recipe,
    components, input, output, manifest, served_from, sound, unseen, model_class,
    model_requested, model_served, requests, input_tokens, cached_tokens, output_tokens,
    reasoning_tokens, incurred, original, avoided, price_table, citations, citations_digest,
    decided_by, aside, seconds, error
  from row
  where element is null and outcome <> 'run-hit'
  union all
  select
    served.seq, hit.run, hit.workflow, served.stage, 'reused', ended.ended_at, served.element,
    'run-hit', served.key, served.draw, served.recipe, served.components, served.input,
    served.output, served.manifest, coalesce(served.served_from, served.seq), served.sound,
    served.unseen, served.model_class, served.model_requested, served.model_served, 0, null,
    null, null, null, 0, served.original, served.original, served.price_table,
    served.citations, served.citations_digest, served.decided_by, served.aside, 0.0, null
  from run as hit
  join run_end as ended on ended.number = hit.number
  join row as served on served.run = ended.served_from
  where served.element is null and served.outcome in ('ran', 'reused');

create trigger run_kept before update on run
begin select raise(abort, 'rows of the ledger are never edited'); end;
create trigger run_kept_whole before delete on run
begin select raise(abort, 'rows of the ledger are never deleted'); end;
create trigger run_end_kept before update on run_end
begin select raise(abort, 'rows of the ledger are never edited'); end;
create trigger run_end_kept_whole before delete on run_end
begin select raise(abort, 'rows of the ledger are never deleted'); end;
create trigger row_kept before update on row
begin select raise(abort, 'rows of the ledger are never edited'); end;
create trigger row_kept_whole before delete on row
begin select raise(abort, 'rows of the ledger are never deleted'); end;
create trigger consumed_kept before update on consumed
begin select raise(abort, 'rows of the ledger are never edited'); end;
create trigger consumed_kept_whole before delete on consumed
begin select raise(abort, 'rows of the ledger are never deleted'); end;
create trigger packet_kept before update on packet
begin select raise(abort, 'rows of the ledger are never edited'); end;
create trigger packet_kept_whole before delete on packet
begin select raise(abort, 'rows of the ledger are never deleted'); end;
create trigger packet_slice_kept before update on packet_slice
begin select raise(abort, 'rows of the ledger are never edited'); end;
create trigger packet_slice_kept_whole before delete on packet_slice
begin select raise(abort, 'rows of the ledger are never deleted'); end;
create trigger claim_kept before update on claim
begin select raise(abort, 'rows of the ledger are never edited'); end;
create trigger claim_kept_whole before delete on claim
begin select raise(abort, 'rows of the ledger are never deleted'); end;
create trigger citation_kept before update on citation
begin select raise(abort, 'rows of the ledger are never edited'); end;
create trigger citation_kept_whole before delete on citation
begin select raise(abort, 'rows of the ledger are never deleted'); end;
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
create trigger artefact_kept before update on artefact
begin select raise(abort, 'rows of the ledger are never edited'); end;
create trigger artefact_kept_whole before delete on artefact
begin select raise(abort, 'rows of the ledger are never deleted'); end;
create trigger event_kept before update on event
begin select raise(abort, 'rows of the ledger are never edited'); end;
create trigger event_kept_whole before delete on event
begin select raise(abort, 'rows of the ledger are never deleted'); end;
create trigger salt_kept before update on salt
begin select raise(abort, 'a salt is destroyed or kept, never edited'); end;

-- Observatory's index: copies of a ledger's records as the pages ask for them. Nothing here is
-- true by itself: the file may be deleted at any time, and a change of this text rebuilds it.
-- Every table has a `number`, by which its pages are told apart.

pragma application_id = 1096043599; -- 'ATLO'

-- One line: how far the ledger has been read, and the name of that reading.
create table standing (
  one      integer primary key check (one = 1),
  position text not null check (json_valid(position)),
  records  integer not null,
  building text not null
) strict;
insert into standing values (1, '{}', 0, 'rows');

create table run (
  number          integer primary key,
  run             text not null unique,
  workflow        text not null,
  subject         text not null,
  parameters      text not null,
  status          text not null,
  cache           text not null default 'none',
  started_at      text not null,
  ended_at        text not null,
  seconds         real,
  target          text not null,
  namespace       text not null,
  packet          text not null,
  run_key         text not null,
  sound           text not null,
  served_from     text not null,
  owner           text not null,
  strip           text not null default '[]',
  failed_stage    text not null default '',
  error_code      text not null default '',
  retries         integer not null default 0,
  requests        integer not null default 0,
  input_tokens    integer not null default 0,
  output_tokens   integer not null default 0,
  incurred        integer default 0,
  avoided         integer default 0,
  original        integer default 0,
  claims          integer not null default 0,
  supported       integer not null default 0,
  contested       integer not null default 0,
  supported_share real,
  obligations     integer,
  artefacts       integer not null default 0
) strict;
create index run_status on run (status, number);

-- Runs whose sums are to be made anew.
create table stale (
  run text primary key
) strict, without rowid;

-- A row as a reader sees it: a hit has those of the run that it was served from as its own. Its
-- number is its seq in millions, and so in the ledger's order; a hit's rows count on from its row.
create table row (
  number           integer primary key,
  seq              integer not null,
  run              text not null,
  workflow         text not null,
  stage            text not null,
  element          text not null,
  outcome          text not null,
  reason           text not null,
  recorded_at      text not null,
  subject          text not null,
  key              text not null,
  draw             integer not null,
  recipe           text not null,
  input            text not null,
  output           text not null,
  served_from      integer,
  sound            text not null,
  model_class      text not null,
  model_requested  text not null,
  model_served     text not null,
  requests         integer not null,
  input_tokens     integer,
  cached_tokens    integer,
  output_tokens    integer,
  reasoning_tokens integer,
  incurred         integer,
  original         integer,
  avoided          integer,
  price_table      text not null,
  citations        integer,
  decided_by       text not null,
  seconds          real not null,
  error_code       text not null,
  error            text not null
) strict;
create index row_run on row (run, seq);

create table claim (
  number      integer primary key,
  output      text not null,
  claim       text not null,
  ordinal     integer not null,
  text        text not null,
  kind        text not null,
  verdict     text not null,
  flag        text not null,
  decided_by  text not null,
  checks      text not null,
  slices      text not null default '',
  citations   integer not null default 0,
  seq         integer,
  run         text not null default '',
  workflow    text not null default '',
  stage       text not null default '',
  model       text not null default '',
  subject     text not null default '',
  recorded_at text not null default ''
) strict;
create index claim_output on claim (output, claim);

create table citation (
  number      integer primary key,
  output      text not null,
  claim       text not null,
  ordinal     integer not null,
  slice       text not null,
  element     text not null,
  occurrence  integer not null,
  pointer     text not null,
  start       integer,
  "end"       integer,
  quote       text not null,
  match       text not null,
  role        text not null,
  found_by    text not null,
  seq         integer,
  run         text not null default '',
  workflow    text not null default '',
  stage       text not null default '',
  recorded_at text not null default ''
) strict;
create index citation_output on citation (output, claim);

create table attempt (
  number           integer primary key,
  id               text not null,
  run              text not null,
  workflow         text not null,
  stage            text not null,
  element          text not null,
  call             text not null,
  attempt          integer not null,
  request          text not null,
  response         text not null,
  model_class      text not null,
  model_requested  text not null,
  model_served     text not null,
  outcome          text not null,
  sent_at          text not null,
  ended_at         text not null,
  seconds          real,
  reserved         integer,
  incurred         integer,
  input_tokens     integer,
  cached_tokens    integer,
  output_tokens    integer,
  reasoning_tokens integer,
  price_table      text not null,
  error_code       text not null,
  error            text not null
) strict;
create index attempt_run on attempt (run, stage);

create table artefact (
  number      integer primary key,
  run         text not null,
  workflow    text not null,
  stage       text not null,
  subject     text not null,
  path        text not null,
  digest      text not null,
  mark        text not null,
  action      text not null,
  recorded_at text not null
) strict;
create index artefact_run on artefact (run);

create table event (
  number      integer primary key,
  kind        text not null,
  subject     text not null,
  detail      text not null,
  recorded_at text not null,
  run         text not null
) strict;

-- What people said of claims. The claim, and the row that first gave it, may be known later.
create table judgement (
  number      integer primary key,
  output      text not null,
  claim       text not null,
  ordinal     integer not null,
  verdict     text not null,
  who         text not null,
  reason      text not null,
  recorded_at text not null,
  text        text not null default '',
  decided     text not null default '',
  decided_by  text not null default '',
  seq         integer,
  run         text not null default '',
  workflow    text not null default '',
  stage       text not null default ''
) strict;
create index judgement_claim on judgement (output, claim);

create table packet (
  number      integer primary key,
  packet      text not null,
  run         text not null,
  workflow    text not null,
  subject     text not null,
  slices      text not null,
  recorded_at text not null
) strict;

-- What a review's output says, by its digest.
create table review (
  output      text primary key,
  obligations integer not null,
  findings    integer not null,
  declined    integer not null
) strict, without rowid;

-- What requests that have ended cost and used, and what reuse avoided, by day. Sums only grow.
create table spending (
  day              text not null,
  workflow         text not null,
  stage            text not null,
  model            text not null,
  price_table      text not null,
  requests         integer not null,
  spent            integer not null,
  in_doubt         integer not null,
  doubtful         integer not null,
  unpriced         integer not null,
  avoided          integer not null,
  unknown_avoided  integer not null,
  input_tokens     integer not null,
  cached_tokens    integer not null,
  output_tokens    integer not null,
  reasoning_tokens integer not null,
  primary key (day, workflow, stage, model, price_table)
) strict, without rowid;

-- How the rows of a stage ended, by version of its recipe.
create table usage (
  workflow text not null,
  stage    text not null,
  recipe   text not null,
  outcome  text not null,
  code     text not null,
  rows     integer not null,
  first_at text not null,
  last_at  text not null,
  primary key (workflow, stage, recipe, outcome, code)
) strict, without rowid;

-- How the attempts of a stage ended that were no answer.
create table failing (
  workflow text not null,
  stage    text not null,
  outcome  text not null,
  code     text not null,
  attempts integer not null,
  primary key (workflow, stage, outcome, code)
) strict, without rowid;

-- The values that a column of choices has.
create table choice (
  place  text not null,
  name   text not null,
  value  text not null,
  primary key (place, name, value)
) strict, without rowid;

-- A text that can be found, once however often it was used. `record` is the number of the first
-- attempt, row or claim that has it; `parts` says where each of its strings begins and stands.
create table document (
  number  integer primary key,
  kind    text not null,
  ident   integer not null,
  record  integer,
  slice   text not null,
  element text not null,
  packet  text not null,
  parts   text not null,
  text    text not null,
  unique (ident, kind)
) strict;

create table slice_seen (
  name   text not null,
  digest text not null,
  primary key (name, digest)
) strict, without rowid;

-- The words of the documents, behind a word that says their kind and that nobody can type. The
-- texts stand in `document`, so none is kept here.
create virtual table word using fts5 (
  text, content = '', columnsize = 0,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'"
);

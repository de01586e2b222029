-- From version 2 to version 3: what people say of claims has a table. What stands here stands in
-- `schema.sql` to the letter.

-- What a person says of a claim: it stands beside what was decided and never in its place. Of
-- several about one claim the last one counts.
create table judgement (
  seq         integer primary key,
  output      text not null,
  claim       text not null,
  ordinal     integer not null,
  verdict     text not null check (verdict in (
    'supported', 'partial', 'contradicted', 'contested', 'unsupported', 'unverified',
    'out_of_scope'
  )),
  decided_by  text not null check (decided_by = 'human'),
  who         text not null check (who <> ''),
  reason      text not null check (reason <> ''),
  recorded_at text not null,
  foreign key (output, claim, ordinal) references claim (output, claim, ordinal)
) strict;
create index judgement_claim on judgement (output, claim, ordinal);

create trigger judgement_kept before update on judgement
begin select raise(abort, 'rows of the ledger are never edited'); end;
create trigger judgement_kept_whole before delete on judgement
begin select raise(abort, 'rows of the ledger are never deleted'); end;

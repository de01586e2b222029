-- Every statement that the index runs. A name, one line that says what it does, the SQL. Names in
-- braces that are no part are filled in from a table's description: columns and operators, no values.

-- name: page
-- A page of a table.
select {columns} from {place} where {conditions} order by {order} limit :limit;

-- name: count
-- How many rows there are, up to a limit.
select count(*) from (select 1 from {place} where {conditions} limit :limit);

-- name: choices
-- The values of a column of choices.
select value from choice where place = :place and name = :name order by value limit 500;

-- name: version
-- Which text of the schema a file was made from.
pragma user_version;

-- name: standing
-- How far the ledger has been read.
select position, records, building from standing;

-- name: stand
-- The ledger has been read so far.
update standing set position = :position, records = records + :records, building = :building;

-- name: add_run
-- A run, or what is known of it since.
insert into run (
  number, run, workflow, subject, parameters, status, started_at, ended_at, seconds, target,
  namespace, packet, run_key, sound, served_from, owner
) values (
  :number, :run, :workflow, :subject, :parameters, :status, :started_at, :ended_at, :seconds,
  :target, :namespace, :packet, :run_key, :sound, :served_from, :owner
)
on conflict (number) do update set
  status = excluded.status, ended_at = excluded.ended_at, seconds = excluded.seconds,
  sound = excluded.sound, served_from = excluded.served_from;

-- name: add_stale
-- A run whose sums are to be made anew.
insert into stale (run) values (?) on conflict (run) do nothing;

-- name: add_row
-- A row.
insert into row (
  number, seq, run, workflow, stage, element, outcome, reason, recorded_at, subject, key, draw,
  recipe, input, output, served_from, sound, model_class, model_requested, model_served, requests,
  input_tokens, cached_tokens, output_tokens, reasoning_tokens, incurred, original, avoided,
  price_table, citations, decided_by, seconds, error_code, error
) values (
  ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
  ?
);

-- name: add_served_rows
-- The rows of the runs that hits were served from, as the hits' own, numbered behind the hit's row.
insert into row (
  number, seq, run, workflow, stage, element, outcome, reason, recorded_at, subject, key, draw,
  recipe, input, output, served_from, sound, model_class, model_requested, model_served, requests,
  input_tokens, cached_tokens, output_tokens, reasoning_tokens, incurred, original, avoided,
  price_table, citations, decided_by, seconds, error_code, error
)
select
  (select min(number) from row where row.run = hit.run and +outcome = 'run-hit')
    + row_number() over (partition by hit.run order by source.seq),
  source.seq, hit.run, hit.workflow, source.stage, '', 'reused', 'run-hit', hit.ended_at,
  hit.subject, source.key, source.draw, source.recipe, source.input, source.output,
  coalesce(source.served_from, source.seq), source.sound, source.model_class,
  source.model_requested, source.model_served, 0, null, null, null, null, 0, source.original,
  source.original, source.price_table, source.citations, source.decided_by, 0.0, '', ''
from run as hit
join row as source on source.run = hit.served_from
where hit.run in (select value from json_each(:runs)) and source.element = ''
  and +source.outcome in ('ran', 'reused');

-- name: add_claim
-- A claim.
insert into claim (
  number, output, claim, ordinal, text, kind, verdict, flag, decided_by, checks
) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: index_outputs
-- What claims and citations find their rows by. Every row is read before the first of them.
create index if not exists row_output on row (output, number) where output <> '';

-- name: bind_claims
-- To claims, the row that first gave their output, and what it was asked of.
update claim set
  seq = row.seq, run = row.run, workflow = row.workflow, stage = row.stage,
  model = iif(row.model_served <> '', row.model_served, row.model_requested),
  subject = row.subject, recorded_at = row.recorded_at
from row
where claim.number in (select value from json_each(:numbers))
  and row.number = (
    select min(first.number) from row as first
    where first.output = claim.output and first.output <> ''
  );

-- name: add_citation
-- A citation.
insert into citation (
  number, output, claim, ordinal, slice, element, occurrence, pointer, start, "end", quote, match,
  role, found_by
) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: bind_citations
-- To citations, the row that first gave their output.
update citation set
  seq = row.seq, run = row.run, workflow = row.workflow, stage = row.stage,
  recorded_at = row.recorded_at
from row
where citation.number in (select value from json_each(:numbers))
  and row.number = (
    select min(first.number) from row as first
    where first.output = citation.output and first.output <> ''
  );

-- name: cite_claims
-- To the claims of these citations, the slices they cite and how often.
update claim set slices = found.slices, citations = found.citations
from (
  select output, claim, group_concat(distinct slice) as slices, count(*) as citations
  from citation
  where (output, claim) in (
    select output, claim from citation
    where number in (select value from json_each(:numbers)) and claim <> ''
  )
  group by output, claim
) as found
where claim.output = found.output and claim.claim = found.claim;

-- name: add_attempt
-- An attempt, or what came of it.
insert into attempt (
  number, id, run, workflow, stage, element, call, attempt, request, response, model_class,
  model_requested, model_served, outcome, sent_at, ended_at, seconds, reserved, incurred,
  input_tokens, cached_tokens, output_tokens, reasoning_tokens, price_table, error_code, error
) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (number) do update set
  response = excluded.response, model_served = excluded.model_served,
  outcome = excluded.outcome, ended_at = excluded.ended_at, seconds = excluded.seconds,
  incurred = excluded.incurred, input_tokens = excluded.input_tokens,
  cached_tokens = excluded.cached_tokens, output_tokens = excluded.output_tokens,
  reasoning_tokens = excluded.reasoning_tokens, price_table = excluded.price_table,
  error_code = excluded.error_code, error = excluded.error;

-- name: add_artefact
-- An emission.
insert into artefact (
  number, run, workflow, stage, subject, path, digest, mark, action, recorded_at
) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: add_event
-- Something that an operator should know.
insert into event (number, kind, subject, detail, recorded_at, run) values (?, ?, ?, ?, ?, ?);

-- name: add_judgement
-- What a person said of a claim.
insert into judgement (number, output, claim, ordinal, verdict, who, reason, recorded_at)
values (?, ?, ?, ?, ?, ?, ?, ?);

-- name: bind_judgements
-- To judgements of these claims, and to these judgements, the claim.
update judgement set
  text = claim.text, decided = claim.verdict, decided_by = claim.decided_by, seq = claim.seq,
  run = claim.run, workflow = claim.workflow, stage = claim.stage
from claim
where claim.output = judgement.output and claim.claim = judgement.claim
  and claim.ordinal = judgement.ordinal
  and judgement.number in (
    select value from json_each(:numbers)
    union
    select said.number from claim as fresh join judgement as said
      on said.output = fresh.output and said.claim = fresh.claim
    where fresh.number in (select value from json_each(:claims))
  );

-- name: add_packet
-- The record of a packet.
insert into packet (number, packet, run, workflow, subject, slices, recorded_at)
values (?, ?, ?, ?, ?, ?, ?);

-- name: add_review
-- What a review says.
insert into review (output, obligations, findings, declined) values (?, ?, ?, ?)
on conflict (output) do nothing;

-- name: add_choice
-- A value of a column of choices.
insert into choice (place, name, value) values (?, ?, ?) on conflict do nothing;

-- name: add_spending
-- What was spent or avoided, added to its day's.
insert into spending (
  day, workflow, stage, model, price_table, requests, spent, in_doubt, doubtful, unpriced, avoided,
  unknown_avoided, input_tokens, cached_tokens, output_tokens, reasoning_tokens
) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (day, workflow, stage, model, price_table) do update set
  requests = requests + excluded.requests, spent = spent + excluded.spent,
  in_doubt = in_doubt + excluded.in_doubt, doubtful = doubtful + excluded.doubtful,
  unpriced = unpriced + excluded.unpriced, avoided = avoided + excluded.avoided,
  unknown_avoided = unknown_avoided + excluded.unknown_avoided,
  input_tokens = input_tokens + excluded.input_tokens,
  cached_tokens = cached_tokens + excluded.cached_tokens,
  output_tokens = output_tokens + excluded.output_tokens,
  reasoning_tokens = reasoning_tokens + excluded.reasoning_tokens;

-- name: add_usage
-- How rows ended, added to what is known.
insert into usage (workflow, stage, recipe, outcome, code, rows, first_at, last_at)
values (?, ?, ?, ?, ?, ?, ?, ?)
on conflict (workflow, stage, recipe, outcome, code) do update set
  rows = rows + excluded.rows, first_at = min(first_at, excluded.first_at),
  last_at = max(last_at, excluded.last_at);

-- name: add_failing
-- How attempts ended that were no answer, added to what is known.
insert into failing (workflow, stage, outcome, code, attempts) values (?, ?, ?, ?, ?)
on conflict (workflow, stage, outcome, code) do update set attempts = attempts + excluded.attempts;

-- name: runs_named
-- What is known of runs by their ids.
select run, workflow, subject, started_at from run
where run in (select value from json_each(:runs));

-- name: runs_with_outputs
-- The runs whose rows have an output.
select distinct run from row
where output in (select value from json_each(:outputs)) and output <> '';

-- name: unserved
-- Of these runs, the hits whose served rows are still to be added.
select run.run from run
where run.run in (select value from json_each(:runs)) and +served_from <> '' and exists (
  select 1 from row where row.run = run.run and +outcome = 'run-hit'
) and not exists (
  select 1 from row where row.run = run.run and +outcome = 'reused'
)
order by run.number;

-- name: served_avoided
-- What the rows of these hits avoided, by day, stage and model.
select
  substr(recorded_at, 1, 10), workflow, stage,
  iif(model_served <> '', model_served, model_requested), recipe, avoided, recorded_at
from row where run in (select value from json_each(:runs)) and +outcome = 'reused';

-- name: next_stale
-- Some runs whose sums are to be made anew.
select run from stale limit :limit;

-- name: drop_stale
-- These runs' sums have been made.
delete from stale where run in (select value from json_each(:runs));

-- name: running
-- The runs that have not ended, with the processes that they belong to.
select number, owner from run where status = 'running'

-- name: interrupt
-- A run whose process has died; its end may yet have been recorded, and then stands.
update run set status = 'interrupted' where number = ?1 and status = 'running'

-- name: refresh_runs
-- The sums of runs, over the rows of their stages.
update run set
  strip = found.strip, requests = found.requests, input_tokens = found.input_tokens,
  output_tokens = found.output_tokens, incurred = found.incurred, avoided = found.avoided,
  original = found.original, failed_stage = found.failed_stage, error_code = found.error_code,
  retries = found.retries, obligations = found.obligations, artefacts = found.artefacts,
  cache = found.cache
from (
  select
    held.run,
    json_group_array(json_array(held.stage, held.outcome, held.again)) as strip,
    sum(held.requests) as requests,
    coalesce(sum(held.input_tokens), 0) as input_tokens,
    coalesce(sum(held.output_tokens), 0) as output_tokens,
    iif(count(held.incurred) = count(*), sum(held.incurred), null) as incurred,
    iif(count(held.avoided) = count(*), sum(held.avoided), null) as avoided,
    iif(count(held.original) = count(*), sum(held.original), null) as original,
    coalesce(min(iif(held.outcome = 'failed', held.stage, null)), '') as failed_stage,
    coalesce(min(iif(held.outcome = 'failed', held.error_code, null)), '') as error_code,
    sum(held.again) as retries,
    max(held.obligations) as obligations,
    (select count(*) from artefact where artefact.run = held.run) as artefacts,
    case
      when max(held.reason = 'run-hit') then 'hit'
      when max(held.outcome = 'reused') then 'some'
      else 'none'
    end as cache
  from (
    select
      row.*, review.obligations,
      (
        select count(*) from attempt
        where attempt.run = row.run and attempt.stage = row.stage and error_code <> ''
      ) as again
    from row left join review on review.output = row.output
    where row.run in (select value from json_each(:runs))
      and row.element = '' and row.outcome <> 'run-hit'
    order by row.seq
  ) as held
  group by held.run
) as found
where run.run = found.run;

-- name: refresh_claims
-- The claims of runs: of one that several stages decided on, what the last one said.
update run set
  claims = found.claims, supported = found.supported, contested = found.contested,
  supported_share = found.share
from (
  select
    run,
    count(*) as claims,
    sum(verdict = 'supported') as supported,
    sum(flag <> '') as contested,
    1.0 * sum(verdict = 'supported') / nullif(sum(verdict <> 'out_of_scope'), 0) as share
  from (
    select row.run as run, claim.claim, claim.verdict, claim.flag, max(row.seq)
    from row join claim on claim.output = row.output
    where row.run in (select value from json_each(:runs)) and row.element = ''
      and row.outcome <> 'run-hit'
    group by row.run, claim.claim
  )
  group by run
) as found
where run.run = found.run;

-- name: known_documents
-- Of these texts, those that can be found already.
select ident from document
where kind = :kind and ident in (select value from json_each(:idents));

-- name: add_document
-- A text that can be found.
insert into document (number, kind, ident, record, slice, element, packet, parts, text)
values (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: add_words
-- The words of a text.
insert into word (rowid, text) values (?, ?);

-- name: last_document
-- The number of the document that was added last.
select coalesce(max(number), 0) from document;

-- name: slices_seen
-- Of these slices, those whose elements can be found already.
select seen.name, seen.digest
from json_each(:slices) as asked
join slice_seen as seen on seen.name = asked.value ->> 0 and seen.digest = asked.value ->> 1;

-- name: add_slice_seen
-- A slice whose elements can be found.
insert into slice_seen (name, digest) values (?, ?);

-- name: objects
-- What a file of another kind holds.
select type, name from sqlite_schema
where type in ('table', 'view') and name not like 'sqlite!_%' escape '!' and sql is not null
  and name not like 'word!_%' escape '!';

-- name: search
-- The newest texts with some words.
select
  document.number, document.kind, document.record, document.slice, document.element,
  document.packet, document.parts, document.text
from word cross join document on document.number = word.rowid
where word match :match and word.rowid < :before
order by word.rowid desc limit :limit;

-- name: count_hits
-- How many of the newest texts with some words are of each kind.
select kind, count(*) from document
where number in (
  select rowid from word where word match :match order by rowid desc limit :limit
)
group by kind;

-- name: place_attempts
-- Where attempts stand.
select number, run, workflow, stage, null, id, '', '', sent_at
from attempt where number in (select value from json_each(:numbers));

-- name: place_rows
-- Where rows stand.
select seq, run, workflow, stage, seq, '', output, '', recorded_at
from row
where seq in (select value from json_each(:numbers)) and reason <> 'run-hit';

-- name: place_claims
-- Where claims stand.
select number, run, workflow, stage, seq, '', output, claim, recorded_at
from claim where number in (select value from json_each(:numbers));

-- name: place_judgements
-- Where judgements stand.
select number, run, workflow, stage, seq, '', output, claim, recorded_at
from judgement where number in (select value from json_each(:numbers));

-- name: place_packets
-- Where packets were first.
select packet, run, workflow, '', null, '', '', '', recorded_at
from packet
where number in (
  select min(first.number) from packet as first
  where first.packet in (select value from json_each(:packets)) group by first.packet
);

-- name: costs
-- What was spent and avoided, summed by a column; requests that have not ended are in doubt.
select
  {by}, sum(requests), sum(spent), sum(in_doubt), sum(doubtful), sum(unpriced), sum(avoided),
  sum(unknown_avoided), sum(input_tokens), sum(cached_tokens), sum(output_tokens),
  sum(reasoning_tokens)
from (
  select * from spending
  union all
  select
    substr(sent_at, 1, 10), workflow, stage, model_requested, price_table, 1, 0,
    coalesce(reserved, 0), reserved is not null, reserved is null, 0, 0, 0, 0, 0, 0
  from attempt where ended_at = ''
)
where day >= :since and day <= :until and :workflow in ('', workflow) and :stage in ('', stage)
  and :model in ('', model)
group by 1 order by {order} limit 2000;

-- name: usages
-- How the rows of stages ended, by version.
select workflow, stage, recipe, outcome, code, rows, first_at, last_at
from usage
where last_at >= :since and substr(first_at, 1, 10) <= :until and :workflow in ('', workflow)
  and :stage in ('', stage)
order by workflow, stage, max(last_at) over (partition by workflow, stage, recipe) desc, recipe
limit 2000;

-- name: failings
-- How attempts ended that were no answer.
select workflow, stage, outcome, code, attempts
from failing
where :workflow in ('', workflow) and :stage in ('', stage)
order by attempts desc, workflow, stage, code limit 2000;

-- name: latest_seconds
-- How long the latest executions of a version of a stage took.
select seconds from row
where stage = :stage and outcome = 'ran' and workflow = :workflow and recipe = :recipe
  and element = ''
order by number desc limit :limit;

-- name: trend
-- The claims of each day by verdict and by who decided.
select substr(recorded_at, 1, 10), verdict, decided_by, count(*)
from claim
where recorded_at >= :since and substr(recorded_at, 1, 10) <= :until
  and :workflow in ('', workflow) and :stage in ('', stage) and :model in ('', model)
group by 1, 2, 3 order by 1, 2, 3;

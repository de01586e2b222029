-- Every statement that the SQLite ledger runs. A name, one line that says what it answers, the SQL.
-- A part stands for the columns of one kind of row, wherever its name stands in braces.

-- part: row
  run, stage, outcome, recorded_at, seq, element, reason, key, draw, recipe, components, input,
  output, manifest, served_from, sound, unseen, model_class, model_requested, model_served,
  requests, input_tokens, cached_tokens, output_tokens, reasoning_tokens, incurred, original,
  avoided, price_table, citations, citations_digest, decided_by, aside, seconds, error

-- part: run
  run.run, workflow, scope, packet, run_key, started_at, target, namespace, parameters, subject,
  owner, versions, status, ended_at, sound, served_from, seconds

-- part: claim
  output, claim, ordinal, text, kind, verdict, flag, decided_by, checks

-- part: citation
  output, claim, ordinal, slice, element, occurrence, pointer, start, "end", quote, match, role,
  found_by

-- part: judgement
  output, claim, ordinal, verdict, who, reason, recorded_at, decided_by, seq

-- part: attempt
  id, run, stage, call, attempt as number, request, model_class, model_requested, sent_at, element,
  reserved, outcome, response, model_served, input_tokens, cached_tokens, output_tokens,
  reasoning_tokens, incurred, price_table, error, ended_at

-- part: call
  call, draw, answer, attempt, run, stage, recorded_at, model_served, original

-- part: artefact
  seq, run, stage, path, digest, mark, lines, action, recorded_at

-- part: event
  seq, kind, subject, detail, recorded_at, run

-- name: add_run
-- A run as it begins.
insert into run (
  run, workflow, scope, packet, run_key, started_at, target, namespace, parameters, subject,
  owner, versions
) values (
  :run, :workflow, :scope, :packet, :run_key, :started_at, :target, :namespace, :parameters,
  :subject, :owner, :versions
);

-- name: add_run_end
-- A run as it ends; whole, sound production runs that are no hits themselves may be served.
insert into run_end (number, status, ended_at, sound, served_from, seconds, serves)
select
  number, :status, :ended_at, :sound, :served_from, :seconds,
  case
    when :status = 'complete' and :sound and :served_from is null and namespace = 'production'
    then run_key
  end
from run where run = :run;

-- name: last_seq
-- The number of the newest row.
select coalesce(max(seq), 0) from row;

-- name: add_row
-- A row, unless its key and draw have a value already; bound by position, as `Row` has its fields.
insert into row (
  run, workflow, stage, outcome, recorded_at, seq, element, reason, key, draw, recipe,
  components, input, output, manifest, served_from, sound, unseen, model_class,
  model_requested, model_served, requests, input_tokens, cached_tokens, output_tokens,
  reasoning_tokens, incurred, original, avoided, price_table, citations, citations_digest,
  decided_by, aside, seconds, error, leaf
) values (
  :run, (select workflow from run where run = :run), :stage, :outcome, :recorded_at, :seq,
  :element, :reason, :key, :draw, :recipe, :components, :input, :output, :manifest,
  :served_from, :sound, :unseen, :model_class, :model_requested, :model_served, :requests,
  :input_tokens, :cached_tokens, :output_tokens, :reasoning_tokens, :incurred, :original,
  :avoided, :price_table, :citations, :citations_digest, :decided_by, :aside, :seconds,
  :error, :leaf
)
on conflict (key, draw) where outcome = 'ran' and sound = 1 and key is not null do nothing;

-- name: find_output
-- What a stage gave in a run.
select output from row where run = ? and stage = ? and element is null;

-- name: find_winner
-- The row whose value a key and draw have.
select {row}
from row
where key = :key and draw = :draw and outcome = 'ran' and sound = 1 and key is not null;

-- name: add_salt
-- The salt of a row's commitment.
insert into salt (seq, salt) values (?, ?);

-- name: add_consumed
-- One input of a row.
insert into consumed (seq, position, parameter, supply, source, digest, whole)
values (?, ?, ?, ?, ?, ?, ?);

-- name: add_blob
-- A blob; stored bytes that differ are replaced where the new ones have the digest.
insert into blob (digest, data) values (?, ?)
on conflict (digest) do update set data = excluded.data
where data <> excluded.data and digest_of(excluded.data) = digest;

-- name: add_packet
-- What a packet was, unless the same is recorded.
insert into packet (packet, manifest, origins, run) values (:packet, :manifest, :origins, :run)
on conflict (packet, manifest, origins) do nothing;

-- name: add_packet_slice
-- One slice of a packet.
insert into packet_slice (packet, position, name, digest) values (?, ?, ?, ?)
on conflict (packet, position) do nothing;

-- name: add_claim
-- A claim of an output, unless it is recorded.
insert into claim (output, claim, ordinal, text, kind, verdict, flag, decided_by, checks)
values (:output, :claim, :ordinal, :text, :kind, :verdict, :flag, :decided_by, :checks)
on conflict (output, claim, ordinal) do nothing;

-- name: add_judgement
-- What a person says of a claim.
insert into judgement (output, claim, ordinal, verdict, decided_by, who, reason, recorded_at)
values (:output, :claim, :ordinal, :verdict, :decided_by, :who, :reason, :recorded_at);

-- name: add_citation
-- A citation of an output, unless it is recorded.
insert into citation (
  output, claim, ordinal, slice, element, occurrence, pointer, start, "end", quote, match,
  role, found_by
) values (
  :output, :claim, :ordinal, :slice, :element, :occurrence, :pointer, :start, :end, :quote,
  :match, :role, :found_by
)
on conflict (output, claim, ordinal) do nothing;

-- name: add_attempt
-- An attempt's intent, or what is known of it since.
insert into attempt (
  id, run, stage, call, attempt, request, model_class, model_requested, sent_at, element,
  reserved, outcome, response, model_served, input_tokens, cached_tokens, output_tokens,
  reasoning_tokens, incurred, price_table, error, ended_at
) values (
  :id, :run, :stage, :call, :number, :request, :model_class, :model_requested, :sent_at, :element,
  :reserved, :outcome, :response, :model_served, :input_tokens, :cached_tokens, :output_tokens,
  :reasoning_tokens, :incurred, :price_table, :error, :ended_at
)
on conflict (id) do update set
  run = excluded.run, stage = excluded.stage, call = excluded.call, request = excluded.request,
  outcome = excluded.outcome, response = excluded.response,
  model_served = excluded.model_served, input_tokens = excluded.input_tokens,
  cached_tokens = excluded.cached_tokens, output_tokens = excluded.output_tokens,
  reasoning_tokens = excluded.reasoning_tokens, incurred = excluded.incurred,
  price_table = excluded.price_table, error = excluded.error, ended_at = excluded.ended_at;

-- name: add_call
-- A call, unless its key and draw have an answer already.
insert into call (
  call, draw, answer, attempt, run, stage, recorded_at, model_served, original
) values (
  :call, :draw, :answer, :attempt, :run, :stage, :recorded_at, :model_served, :original
)
on conflict (call, draw) do nothing;

-- name: find_draw
-- The answer of a call and draw.
select {call}
from call where call = :call and draw = :draw;

-- name: find_calls
-- The answers of some calls' current draws.
select {call}
from call
where call in (select value from json_each(:calls))
  and draw = (select max(later.draw) from call as later where later.call = call.call);

-- name: spent_by_run
-- What a run has spent, or reserved where that is not known.
select coalesce(sum(coalesce(incurred, reserved, 0)), 0)
from attempt where run = :run and model_class = coalesce(:model_class, model_class);

-- name: spent_by_workflow
-- What a workflow's runs have spent since a moment, or reserved where that is not known.
select coalesce(sum(coalesce(incurred, reserved, 0)), 0)
from attempt join run on run.run = attempt.run
where sent_at >= :since and workflow = :workflow;

-- name: add_artefact
-- An emission.
insert into artefact (run, stage, path, digest, mark, lines, action, recorded_at)
values (:run, :stage, :path, :digest, :mark, :lines, :action, :recorded_at);

-- name: add_memo
-- A disposable fact; the newest stands.
insert into memo (kind, key, digest, data) values (:kind, :key, :digest, :data)
on conflict (kind, key) do update set digest = excluded.digest, data = excluded.data;

-- name: add_event
-- Something that an operator should know.
insert into event (kind, subject, detail, recorded_at, run)
values (:kind, :subject, :detail, :recorded_at, :run);

-- name: find_value
-- For one key, the row of its highest sound draw.
select {row}
from row
where key = ? and outcome = 'ran' and sound = 1 and key is not null
order by draw desc limit 1;

-- name: find_values
-- For each key, the row of its highest sound draw.
select {row}
from row
where seq in (
  select (
    select value.seq from row as value
    where value.key = wanted.value and value.outcome = 'ran' and value.sound = 1
      and value.key is not null
    order by value.draw desc limit 1
  )
  from json_each(:keys) as wanted
);

-- name: find_served
-- The newest run of a key that may be served and whose values are all the current draws.
select {run}
from run_end
cross join run on run.number = run_end.number
where serves = :run_key and serves is not null and not exists (
  select 1 from row as held
  cross join row as newer on newer.key = held.key and newer.draw > held.draw
    and newer.outcome = 'ran' and newer.sound = 1 and newer.key is not null
  where held.run = run.run
)
order by run_end.number desc limit 1;

-- name: stage_rows
-- The rows of a run's stages, also where a hit was served from another run.
select {row}
from stage_row where run = :run order by seq;

-- name: element_rows
-- The element rows of an `each` stage that executed in a run.
select {row}
from row where run = :run and stage = :stage and element is not null order by seq;

-- name: find_rows
-- Rows by their numbers.
select {row}
from row where seq in (select value from json_each(:seqs)) order by seq;

-- name: consumed_of
-- The inputs of rows, in the order in which they were given.
select seq, parameter, supply, source, digest, whole
from consumed where seq in (select value from json_each(:seqs)) order by seq, position;

-- name: candidates_here
-- The newest rows of a stage in one workflow that have components.
select {row}
from row
where stage = :stage and workflow = :workflow and components is not null
order by seq desc limit :limit;

-- name: candidates_elsewhere
-- The newest rows of a stage in any other workflow that have components.
select {row}
from row
where stage = :stage and +workflow <> :workflow and components is not null
order by seq desc limit :limit;

-- name: precedents
-- The newest rows of a stage that have components, in the newest executed runs with parameters.
select {row}
from row
where stage in (select value from json_each(:stages)) and components is not null
  and run in (
    select run.run from run
    where parameters = :parameters and not exists (
      select 1 from run_end where run_end.number = run.number and served_from is not null
    )
    order by number desc limit :runs
  )
order by seq desc limit :limit;

-- name: find_producer
-- The first row whose output a digest is.
select {row}
from row where seq = (
  select min(first.seq) from row as first where first.output = :output and first.outcome <> 'reused'
);

-- name: chain
-- Every row that led to an output, nearest first: the way back from a value to the packet.
with recursive led (seq) as (
  select min(seq) from row where output = :output and outcome <> 'reused'
  union
  select coalesce(
    (
      select coalesce(same.served_from, same.seq) from row as same
      where same.run = reader.run and same.stage = input.source and same.element is null
        and +same.output = input.whole
      order by same.seq limit 1
    ),
    (
      select first.seq from row as first
      where first.output = input.whole and first.stage = input.source
        and first.outcome <> 'reused'
      order by first.seq limit 1
    )
  )
  from led
  cross join row as reader on reader.seq = led.seq
  cross join consumed as input on input.seq = led.seq and input.supply = 'stage'
)
select seq from led where seq is not null order by seq desc;

-- name: find_run
-- The runs of an id, or of a prefix: one exact, or at most two to tell that it is ambiguous.
select {run}
from run left join run_end on run_end.number = run.number
where run.run >= :prefix and run.run < :prefix || char(1114111)
order by run.run limit 2;

-- name: iter_runs
-- Runs, newest first, before a run where one is given.
select {run}
from run left join run_end on run_end.number = run.number
where run.number < coalesce((select number from run where run = :before), 9223372036854775807)
order by run.number desc limit :limit;

-- name: runs_of_packet
-- The runs of a packet, newest first, before a run where one is given.
select {run}
from run left join run_end on run_end.number = run.number
where packet = :packet
  and run.number < coalesce((select number from run where run = :before), 9223372036854775807)
order by run.number desc limit :limit;

-- name: runs_reusing
-- The ids of the runs that were served a row's value, newest first, hits included.
with
  reused (run) as (select run from row where served_from = :seq),
  holding (run) as (select run from reused union select run from row where seq = :seq),
  wanted (number) as (
    select run.number from reused cross join run on run.run = reused.run
    union
    select run_end.number from holding cross join run_end on run_end.served_from = holding.run
  )
select run.run
from wanted
cross join run on run.number = wanted.number
order by run.number desc;

-- name: runs_with_output
-- The runs in which a value was a stage's output, newest first, reuse and hits included.
-- Each `cross join` keeps the order in which the indexes lead.
with
  produced (seq, run) as (
    select seq, run from row
    where output = :output and outcome <> 'reused' and output is not null
  ),
  held (run) as (
    select run from produced
    union
    select row.run from produced cross join row on row.served_from = produced.seq
  ),
  wanted (number) as (
    select run.number from held cross join run on run.run = held.run
    union
    select run_end.number from held cross join run_end on run_end.served_from = held.run
  )
select {run}
from wanted
cross join run on run.number = wanted.number
left join run_end on run_end.number = run.number
order by run.number desc;

-- name: find_packet
-- The first record of a packet.
select packet, manifest, origins, run from packet
where number = (select min(number) from packet where packet = :packet);

-- name: packets_of_slice
-- The first record of each packet that holds a slice, newest first.
select packet, manifest, origins, run from packet
where number in (
  select (select min(number) from packet where packet.packet = packet_slice.packet)
  from packet_slice where digest = :digest
)
order by number desc;

-- name: iter_slices
-- The distinct slices of every packet.
select distinct digest from packet_slice;

-- name: iter_slices_named
-- The distinct slices of one name.
select distinct digest from packet_slice where name = :name;

-- name: slices_of
-- The slices of a packet, in order.
select name, digest from packet_slice where packet = :packet order by position;

-- name: judgements
-- What people said of claims, in order, after the one of a number.
select {judgement}
from judgement where seq > :after order by seq;

-- name: judgements_of_output
-- What people said of the claims of an output, in order, after the one of a number.
select {judgement}
from judgement where output = :output and seq > :after order by seq;

-- name: iter_claims
-- The claims of an output, in order.
select {claim}
from claim where output = :output order by ordinal, number;

-- name: citations_of_output
-- The citations of an output, in order.
select {citation}
from citation where output = :output order by number;

-- name: citations_of_claim
-- The citations of one claim of an output, in order.
select {citation}
from citation where output = :output and claim = :claim order by number;

-- name: citations_of_element
-- Every citation into an element.
select {citation}
from citation where element = :element order by number;

-- name: attempts_of_run
-- The attempts of a run, in order.
select {attempt}
from attempt where run = :run order by attempt.number;

-- name: attempts_of_stage
-- The attempts of one stage of a run, in order.
select {attempt}
from attempt where run = :run and stage = :stage order by attempt.number;

-- name: open_attempts
-- The attempts of some calls of which no outcome is recorded, in order.
select {attempt}
from attempt
where call in (select value from json_each(:calls)) and ended_at is null
order by attempt.number;

-- name: unsettled
-- The attempts that may have been billed though no usage is known, newest first.
select {attempt}
from attempt
where ended_at is null or outcome = 'in_doubt'
order by attempt.number desc;

-- name: served
-- Which models answered for which, and since when.
select
  model_class, model_requested, model_served, min(sent_at), max(sent_at) as last_at, count(*)
from attempt where model_served is not null
group by model_class, model_requested, model_served
order by last_at desc, model_class, model_served;

-- name: attempts_of_request
-- The attempts that sent a request, of every run, in order.
select {attempt}
from attempt where request = ? order by attempt.number;

-- name: artefacts
-- Every emission, newest first.
select {artefact}
from artefact order by seq desc;

-- name: artefacts_by_run
-- The emissions of a run that match the rest, newest first.
select {artefact}
from artefact
where run = :run and digest = coalesce(:digest, digest) and mark = coalesce(:mark, mark)
  and path = coalesce(:path, path)
order by seq desc;

-- name: artefacts_by_digest
-- The emissions of these bytes that match the rest, newest first.
select {artefact}
from artefact
where digest = :digest and mark = coalesce(:mark, mark) and path = coalesce(:path, path)
order by seq desc;

-- name: artefacts_by_mark
-- The emissions with a mark that match the rest, newest first.
select {artefact}
from artefact where mark = :mark and path = coalesce(:path, path) order by seq desc;

-- name: artefacts_by_path
-- The emissions to a path, newest first.
select {artefact}
from artefact where path = :path order by seq desc;

-- name: iter_events
-- Events, newest first.
select {event}
from event order by seq desc limit :limit;

-- name: tail_marks
-- What tells this ledger from another one that has come as far: its last run and row.
select
  coalesce((select run from run where number = :run), ''),
  coalesce((select recorded_at || ' ' || coalesce(output, '') from row where seq = :row), '');

-- name: tail_runs
-- The runs after a number.
select run.number, {run}
from run left join run_end on run_end.number = run.number
where run.number > :after order by run.number limit :limit;

-- name: tail_ended_runs
-- Those of the open runs that have ended since.
select run.number, {run}
from run_end cross join run on run.number = run_end.number
where run_end.number in (select value from json_each(:open)) order by run.number;

-- name: tail_rows
-- The rows after a number.
select {row}
from row where seq > :after order by seq limit :limit;

-- name: tail_packets
-- The records of packets after a number.
select number, packet, manifest, origins, run
from packet where number > :after order by number limit :limit;

-- name: tail_slices
-- The slices of the packets recorded after a number.
select packet, name, digest from packet_slice
where packet in (select packet from packet where number > :after order by number limit :limit)
order by packet, position;

-- name: tail_claims
-- The claims after a number.
select number, {claim}
from claim where number > :after order by number limit :limit;

-- name: tail_citations
-- The citations after a number.
select number, {citation}
from citation where number > :after order by number limit :limit;

-- name: tail_attempts
-- The attempts after a number.
select attempt.number, {attempt}
from attempt where attempt.number > :after order by attempt.number limit :limit;

-- name: tail_ended_attempts
-- Those of the open attempts that have ended since.
select attempt.number, {attempt}
from attempt
where attempt.number in (select value from json_each(:open)) and ended_at is not null
order by attempt.number;

-- name: tail_calls
-- The calls after a number.
select number, {call}
from call where number > :after order by number limit :limit;

-- name: tail_artefacts
-- The emissions after a number.
select seq, {artefact}
from artefact where seq > :after order by seq limit :limit;

-- name: tail_events
-- The events after a number.
select seq, {event}
from event where seq > :after order by seq limit :limit;

-- name: tail_judgements
-- What people said after a number.
select seq, {judgement}
from judgement where seq > :after order by seq limit :limit;

-- name: find_blob
-- The bytes of an inline blob.
select data from blob where digest = ?;

-- name: find_blobs
-- The bytes of some inline blobs.
select digest, data from blob where digest in (select value from json_each(:digests));

-- name: find_memo
-- A memo and the digest that its data must have.
select digest, data from memo where kind = ? and key = ?;

-- name: schema_text
-- The text of every object of the schema, in one order.
select type, name, sql from sqlite_schema where sql is not null order by type, name;

-- name: count_objects
-- How many tables, indexes, views and triggers a file has.
select count(*) from sqlite_schema;

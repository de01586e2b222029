-- The indexes by which the pages ask. They are made once the ledger has been read for the first
-- time: to sort what is there takes a fraction of keeping it sorted while a million rows come.

create index if not exists run_workflow on run (workflow, number);
create index if not exists run_subject on run (subject, number);
create index if not exists run_cache on run (cache, number);
create index if not exists run_packet on run (packet, number);
create index if not exists run_served on run (served_from, number) where served_from <> '';
create index if not exists run_by_started on run (started_at, number);
create index if not exists run_by_seconds on run (ifnull(seconds, -1), number);
create index if not exists run_by_incurred on run (ifnull(incurred, -1), number);
create index if not exists run_by_avoided on run (ifnull(avoided, -1), number);
create index if not exists run_by_share on run (ifnull(supported_share, -1), number);

create index if not exists row_seq on row (seq);
create index if not exists row_stage on row (stage, outcome, number);
create index if not exists row_latency on row (stage, workflow, recipe, number, seconds)
  where outcome = 'ran' and element = '';
create index if not exists row_workflow on row (workflow, number);
create index if not exists row_outcome on row (outcome, number);
create index if not exists row_error on row (error_code, number) where error_code <> '';
create index if not exists row_by_recorded on row (recorded_at, number);
create index if not exists row_by_seconds on row (seconds, number);
create index if not exists row_by_incurred on row (ifnull(incurred, -1), number);

create index if not exists claim_verdict on claim (verdict, number);
create index if not exists claim_workflow on claim (workflow, number);
create index if not exists claim_by_recorded on claim (recorded_at, number);
create index if not exists claim_trend on claim (recorded_at, verdict, decided_by);

create index if not exists citation_element on citation (element, number);
create index if not exists citation_slice on citation (slice, number);

create index if not exists attempt_request on attempt (request);
create index if not exists attempt_response on attempt (response) where response <> '';
create index if not exists attempt_outcome on attempt (outcome, number);
create index if not exists attempt_stage on attempt (stage, number);
create index if not exists attempt_open on attempt (number) where ended_at = '';
create index if not exists attempt_by_sent on attempt (sent_at, number);
create index if not exists attempt_by_seconds on attempt (ifnull(seconds, -1), number);
create index if not exists attempt_by_incurred on attempt (ifnull(incurred, -1), number);

create index if not exists artefact_by_path on artefact (path, number);
create index if not exists artefact_by_recorded on artefact (recorded_at, number);

create index if not exists event_kind on event (kind, number);
create index if not exists event_by_recorded on event (recorded_at, number);

create index if not exists judgement_by_recorded on judgement (recorded_at, number);

create index if not exists packet_packet on packet (packet, number);
create index if not exists packet_by_recorded on packet (recorded_at, number);

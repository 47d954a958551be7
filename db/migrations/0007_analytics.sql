-- One credit for each executed disposition. Inventory and avoided emissions stand apart and are never netted.
create table esg_metrics (
  id uuid primary key,
  disposition_id uuid not null unique references dispositions (id),
  return_id uuid not null references return_items (id),
  client_id uuid not null references clients (id),
  hub_id uuid references hubs (id),
  disposition text not null,
  category_id text not null,
  mass_grams integer not null check (mass_grams > 0),
  diverted_grams integer not null check (diverted_grams between 0 and mass_grams),
  inventory_grams bigint,
  inventory_low_grams bigint,
  inventory_high_grams bigint,
  avoided_grams bigint,
  avoided_low_grams bigint,
  avoided_high_grams bigint,
  waste_stream text not null,
  method_version text not null,
  -- Factors with values and versions, parts, gaps: all that recomputes the figures.
  body jsonb not null,
  credited_at timestamptz not null
);
create index esg_metrics_by_day on esg_metrics (credited_at);
create index esg_metrics_by_return on esg_metrics (return_id);

-- What the key figures need of one unit, as of the analytics subscriber's place in the log: facts of the return's events.
create table kpi_units (
  return_id uuid primary key,
  client_id uuid not null,
  hub_id uuid,
  category_id text not null,
  sale_channel text,
  return_type text not null,
  reason_code text not null,
  currency text not null,
  price_minor bigint,
  submitted_at timestamptz not null,
  received_at timestamptz,
  checked_at timestamptz,
  decided_at timestamptz,
  completed_at timestamptz,
  cancelled_at timestamptz,
  rejected_at timestamptz,
  refunded_at timestamptz,
  -- True once a person had to look at it, whatever came of it.
  was_reviewed boolean not null,
  disposition text,
  decision_source text,
  realised_value_minor bigint,
  refund_minor bigint not null,
  mass_grams bigint,
  diverted_grams bigint,
  last_at timestamptz not null generated always as (greatest(submitted_at, received_at, checked_at, decided_at, completed_at,
    cancelled_at, rejected_at, refunded_at)) stored
);
-- Units with a step in a period: for every question that no split of `kpi_daily` answers.
create index kpi_units_by_life on kpi_units using gist (tstzrange(submitted_at, last_at, '[]'));

-- Key figures by day of Asia/Kolkata. Each unit counts once in every split: in `all` by client and hub, in the others by one
-- dimension, whosever the unit is. With client and hub in all of them, 50,000 units of 20 clients and 12 hubs made 670,000
-- rows; so the rows of a day stay few, whatever the number of units, and what needs more is asked of the units.
create table kpi_daily (
  day date not null,
  client_id uuid,
  hub_id uuid,
  split text not null check (split in ('all', 'category', 'sale_channel', 'return_type', 'reason', 'disposition')),
  value text not null,
  currency text not null,
  submitted integer not null, reviewed integer not null, received integer not null, checked integer not null,
  decided integer not null, accepted integer not null, overridden integer not null, completed integer not null,
  valued integer not null, cancelled integer not null, rejected integer not null, refunds integer not null,
  -- Of completed units: `recovered` with a known value (counted in `valued`), `rated` and `price` where both are known.
  recovered_minor bigint not null, rated_minor bigint not null, price_minor bigint not null, cycle_seconds bigint not null,
  mass_grams bigint not null, diverted_grams bigint not null, refund_minor bigint not null,
  -- Completed units by hours from submission: bucket n ends at 15 minutes times 1.3 to the n.
  cycle_00 integer not null, cycle_01 integer not null, cycle_02 integer not null, cycle_03 integer not null, cycle_04 integer not null,
  cycle_05 integer not null, cycle_06 integer not null, cycle_07 integer not null, cycle_08 integer not null, cycle_09 integer not null,
  cycle_10 integer not null, cycle_11 integer not null, cycle_12 integer not null, cycle_13 integer not null, cycle_14 integer not null,
  cycle_15 integer not null, cycle_16 integer not null, cycle_17 integer not null, cycle_18 integer not null, cycle_19 integer not null,
  cycle_20 integer not null, cycle_21 integer not null, cycle_22 integer not null, cycle_23 integer not null, cycle_24 integer not null,
  cycle_25 integer not null, cycle_26 integer not null, cycle_27 integer not null, cycle_28 integer not null, cycle_29 integer not null,
  cycle_30 integer not null, cycle_31 integer not null, cycle_32 integer not null, cycle_33 integer not null, cycle_34 integer not null,
  cycle_35 integer not null, cycle_36 integer not null, cycle_37 integer not null, cycle_38 integer not null, cycle_39 integer not null,
  -- Each fact is one step of one unit: a row without steps has nothing else either.
  is_empty boolean not null generated always as (submitted = 0 and received = 0 and checked = 0 and decided = 0 and completed = 0
    and cancelled = 0 and rejected = 0 and refunds = 0) stored,
  unique nulls not distinct (split, value, day, client_id, hub_id, currency),
  check ((split = 'all') = (client_id is not null))
);
create index kpi_daily_by_day on kpi_daily (split, day);
create index kpi_daily_empty on kpi_daily (is_empty) where is_empty;

-- Where and how often a unit counts: once on the day of each of its steps. The one definition of every figure.
create function kpi_facts(u kpi_units) returns table (
  step text, day date,
  submitted bigint, reviewed bigint, received bigint, checked bigint, decided bigint, accepted bigint,
  overridden bigint, completed bigint, valued bigint, cancelled bigint, rejected bigint, refunds bigint,
  recovered_minor bigint, rated_minor bigint, price_minor bigint, cycle_seconds bigint, mass_grams bigint,
  diverted_grams bigint, refund_minor bigint,
  cycle_bucket integer
) language sql stable as $$
  select f.step, (f.at at time zone 'Asia/Kolkata')::date,
    (f.step = 'submitted')::integer::bigint, (f.step = 'submitted' and u.was_reviewed)::integer::bigint,
    (f.step = 'received')::integer::bigint, (f.step = 'checked')::integer::bigint, (f.step = 'decided')::integer::bigint,
    (f.step = 'decided' and u.decision_source = 'accepted')::integer::bigint,
    (f.step = 'decided' and u.decision_source = 'overridden')::integer::bigint,
    (f.step = 'completed')::integer::bigint, (f.step = 'completed' and u.realised_value_minor is not null)::integer::bigint,
    (f.step = 'cancelled')::integer::bigint, (f.step = 'rejected')::integer::bigint, (f.step = 'refunded')::integer::bigint,
    case when f.step = 'completed' then coalesce(u.realised_value_minor, 0) else 0 end,
    case when f.step = 'completed' and u.price_minor is not null then coalesce(u.realised_value_minor, 0) else 0 end,
    case when f.step = 'completed' and u.realised_value_minor is not null then coalesce(u.price_minor, 0) else 0 end,
    case when f.step = 'completed' then extract(epoch from u.completed_at - u.submitted_at)::bigint else 0 end,
    case when f.step = 'completed' then coalesce(u.mass_grams, 0) else 0 end,
    case when f.step = 'completed' then coalesce(u.diverted_grams, 0) else 0 end,
    case when f.step = 'refunded' then u.refund_minor else 0 end,
    case when f.step = 'completed' then
      least(39, greatest(0, ceil(ln(greatest(extract(epoch from u.completed_at - u.submitted_at)::double precision, 1) / 900) / ln(1.3::double precision))))::integer
    end
  from (values ('submitted', u.submitted_at), ('received', u.received_at), ('checked', u.checked_at), ('decided', u.decided_at),
    ('completed', u.completed_at), ('cancelled', u.cancelled_at), ('rejected', u.rejected_at), ('refunded', u.refunded_at)) as f (step, at)
  where f.at is not null
$$;

create table jobs (
  id uuid primary key,
  kind text not null,
  state text not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  input json not null,
  done bigint not null default 0,
  total bigint,
  result json,
  error text,
  created_by text not null,
  client_id uuid references clients (id),
  cancel_requested boolean not null default false,
  attempts integer not null default 0 check (attempts >= 0),
  created_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  updated_at timestamptz not null
);
create index jobs_waiting on jobs (created_at) where state = 'queued';
create index jobs_by_creator on jobs (created_by, id desc);

-- How far a file has been taken in, so that an interrupted import goes on where it stopped.
create table imports (
  id uuid primary key,
  client_id uuid not null references clients (id),
  file_sha256 text not null,
  file_name text not null,
  mapping text not null,
  mapping_hash text not null,
  next_line bigint not null default 1,
  counts json not null,
  state text not null check (state in ('running', 'done', 'interrupted')),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (client_id, file_sha256, mapping_hash)
);

create table import_mappings (
  name text primary key,
  body json not null,
  is_shipped boolean not null default false,
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

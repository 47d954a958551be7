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

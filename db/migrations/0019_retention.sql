-- How long each class of data is kept where an administrator has said other than the program's own figure.
create table retention_policies (
  data_class text primary key,
  days integer not null check (days > 0),
  is_active boolean not null,
  version integer not null,
  updated_by text not null,
  updated_at timestamptz not null
);

create table retention_runs (
  id uuid primary key,
  is_dry_run boolean not null,
  run_by text not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  -- By class: the limit in time, how much was found and removed.
  results jsonb not null default '[]'
);
create index retention_runs_newest on retention_runs (started_at desc);

create table files (
  id uuid primary key,
  client_id uuid references clients (id),
  hub_id uuid references hubs (id),
  kind text not null check (kind in ('photo', 'import', 'report', 'errors')),
  media_type text not null,
  bytes bigint not null check (bytes >= 0),
  sha256 text not null,
  blob_key text not null unique,
  name text not null,
  created_by text not null,
  created_at timestamptz not null
);

create table quality_checks (
  id uuid primary key,
  return_id uuid not null references return_items (id),
  is_current boolean not null,
  rubric_id text not null,
  rubric_revision integer not null,
  answers jsonb not null,
  findings text[] not null,
  accessories text[] not null,
  is_sealed boolean not null,
  grade text not null check (grade in ('S', 'A', 'B', 'C', 'D', 'E', 'Q')),
  score double precision not null check (score between 0 and 100),
  completeness double precision check (completeness between 0 and 1),
  quarantine text check (quarantine in ('hazard', 'counterfeit', 'wrong_item')),
  currency text not null,
  repair_minor bigint not null check (repair_minor >= 0),
  repair_minutes double precision not null check (repair_minutes >= 0),
  is_repairable boolean not null,
  weight_grams integer check (weight_grams > 0),
  photos jsonb not null,
  note_sealed text,
  checked_by text not null,
  checked_at timestamptz not null,
  version integer not null check (version > 0),
  updated_at timestamptz not null,
  foreign key (rubric_id, rubric_revision) references rubrics (id, revision)
);
create unique index quality_checks_one_current on quality_checks (return_id) where is_current;
create index quality_checks_by_return on quality_checks (return_id);

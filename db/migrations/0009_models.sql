-- Trained models: a version is one set of bytes, kept as blobs; aliases say which one serves.
create table models (
  version text primary key check (version ~ '^[A-Za-z0-9_.+-]{1,64}$'),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  contract_hash text not null,
  data_hash text not null,
  trained_on text not null,
  metrics jsonb not null,
  registered_at timestamptz not null,
  registered_by text not null
);

create table model_files (
  version text not null references models (version),
  name text not null,
  blob_key text not null,
  bytes bigint not null check (bytes >= 0),
  primary key (version, name)
);

-- Every change of an alias; the last one of each alias holds.
create table model_aliases (
  id bigint generated always as identity primary key,
  alias text not null check (alias in ('champion', 'challenger')),
  version text not null references models (version),
  reason text,
  is_forced boolean not null,
  changed_by text not null,
  changed_at timestamptz not null
);
create index model_aliases_by_alias on model_aliases (alias, id desc);

-- What a model that does not serve would have advised, beside what served. Written off the request path, forgotten with age.
create table shadow_scores (
  model_version text not null,
  return_id uuid not null references return_items (id) on delete cascade,
  -- Version of the recommendation's event in the return's stream.
  version integer not null check (version > 0),
  at timestamptz not null,
  disposition text not null,
  channel text not null,
  served_disposition text not null,
  served_channel text not null,
  -- Utilities by the challenger's own reckoning, paise: of its choice and of what served; null where it excludes that.
  utility_minor double precision not null,
  served_utility_minor double precision,
  confidence double precision check (confidence between 0 and 1),
  primary key (model_version, return_id, version)
);
create index shadow_scores_age on shadow_scores (at);
create index shadow_scores_by_return on shadow_scores (return_id);

create table shadow_cursors (
  model_version text primary key,
  seq bigint not null check (seq >= 0)
);

-- Off-policy value of a model on logged decisions, against what served at that time.
create table shadow_values (
  model_version text not null,
  against_version text not null,
  at timestamptz not null,
  value jsonb not null,
  primary key (model_version, at)
);

-- Features of each unit as a model last saw them; the numbers are float32, little-endian, in the order of the contract.
create table feature_rows (
  return_id uuid primary key references return_items (id) on delete cascade,
  contract_hash text not null,
  at timestamptz not null,
  numbers bytea not null
);

-- How far the log was read for a feature store, by the contract that it was read with.
create table feature_cursors (
  store text not null,
  contract_hash text not null,
  seq bigint not null,
  primary key (store, contract_hash)
);

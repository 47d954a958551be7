create table hubs (
  id uuid primary key,
  code text not null unique check (code ~ '^[A-Z]{2,4}-[0-9A-Z]{1,4}$'),
  name text not null,
  status text not null check (status in ('active', 'paused', 'closed')),
  pincode text not null,
  lat double precision not null check (lat between -90 and 90),
  lng double precision not null check (lng between -180 and 180),
  timezone text not null,
  capabilities text[] not null default '{}',
  minutes_per_day integer not null check (minutes_per_day > 0),
  -- Null: serves every client.
  client_ids uuid[],
  is_demo boolean not null default false,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

-- The hard limit: places for open units. No foreign key refers to this table, so its row locks meet nobody else's.
create table hub_capacity (
  hub_id uuid primary key,
  capacity integer not null check (capacity >= 0),
  used_capacity integer not null default 0 check (used_capacity >= 0),
  check (used_capacity <= capacity)
) with (fillfactor = 50);

create table locations (
  id uuid primary key,
  hub_id uuid not null references hubs (id),
  code text not null check (code ~ '^LOC-[0-9A-Z-]{1,32}$'),
  kind text not null check (kind in ('bench', 'tote', 'bay', 'rack')),
  name text not null,
  created_at timestamptz not null,
  unique (hub_id, code)
);

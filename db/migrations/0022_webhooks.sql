-- Calls to addresses of clients when something happens to their returns. scope: client_id
create table webhooks (
  id uuid primary key,
  -- Null: of all clients, for the installation's own systems.
  client_id uuid references clients (id) on delete cascade,
  url text not null check (length(url) between 1 and 2048),
  description text not null default '',
  event_types text[] not null check (cardinality(event_types) > 0),
  is_active boolean not null default true,
  -- Why it is off: a person, 3 days of failures, or the receiver's 410.
  disabled_reason text check (disabled_reason in ('by_person', 'failing', 'gone')),
  disabled_at timestamptz,
  -- The secrets themselves are in installation_secrets, `webhook <id> <number>`: they are rewrapped with the rest.
  secret_number integer not null default 1,
  -- Until then the secret before this one signs too.
  previous_until timestamptz,
  -- Failures since the last success: the longer, the rarer one delivery tries for all.
  failures integer not null default 0 check (failures >= 0),
  failing_since timestamptz,
  paused_until timestamptz,
  version integer not null default 1,
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check (is_active = (disabled_reason is null)),
  check ((failures = 0) = (failing_since is null))
);
create index webhooks_by_client on webhooks (client_id);

-- What is to be told to whom. The body is kept as it is signed and sent. scope: client_id
create table webhook_deliveries (
  id uuid primary key,
  webhook_id uuid not null references webhooks (id) on delete cascade,
  client_id uuid references clients (id) on delete cascade,
  -- The event it tells; null for a test call.
  seq bigint,
  event_type text not null,
  body text not null,
  state text not null check (state in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0 check (attempts >= 0),
  first_attempt_at timestamptz,
  -- While a delivery is under way this is when it counts as lost with its process.
  next_attempt_at timestamptz not null,
  last_status integer,
  last_problem text,
  created_at timestamptz not null,
  finished_at timestamptz,
  unique (webhook_id, seq),
  check ((state = 'pending') = (finished_at is null))
);
create index webhook_deliveries_due on webhook_deliveries (webhook_id, next_attempt_at) where state = 'pending';
create index webhook_deliveries_newest on webhook_deliveries (webhook_id, id desc);
create index webhook_deliveries_age on webhook_deliveries (finished_at) where finished_at is not null;

create table webhook_attempts (
  delivery_id uuid not null references webhook_deliveries (id) on delete cascade,
  number integer not null,
  at timestamptz not null,
  took_ms integer not null,
  status integer,
  problem text,
  primary key (delivery_id, number)
);

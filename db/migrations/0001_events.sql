-- The one log. Its order is fixed at append: `append_events` locks the single row of log_head as the last lock of the
-- writing transaction, gives the next contiguous seq and extends the hash chain.
create table events (
  seq bigint primary key,
  stream text not null,
  version integer not null check (version > 0),
  type text not null,
  -- json, not jsonb: the hash covers the very bytes that are stored.
  data json not null,
  at timestamptz not null,
  prev_hash bytea not null,
  hash bytea not null,
  unique (stream, version)
);

-- Compressing 3 kB costs more than writing them (measured: 47 ms against 26 ms for 400 events).
alter table events alter column data set storage external;

create table log_head (
  is_only boolean primary key default true check (is_only),
  seq bigint not null,
  hash bytea not null
);
insert into log_head (seq, hash) values (0, decode(repeat('00', 32), 'hex'));

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger events_append_only before update or delete or truncate on events
  for each statement execute function refuse_change();

create function append_events(streams text[], versions integer[], types text[], datas text[], happened_at timestamptz)
returns bigint language plpgsql as $$
declare
  head log_head;
  first_seq bigint;
  previous bytea;
  hashes bytea[] := '{}';
  previouses bytea[] := '{}';
begin
  select * into head from log_head for update;
  first_seq := head.seq + 1;
  previous := head.hash;
  for i in 1 .. coalesce(array_length(streams, 1), 0) loop
    previouses[i] := previous;
    previous := sha256(previous || convert_to((head.seq + i) || '|' || streams[i] || '|' || versions[i] || '|' || types[i] || '|' || datas[i], 'UTF8'));
    hashes[i] := previous;
  end loop;
  insert into events (seq, stream, version, type, data, at, prev_hash, hash)
  select head.seq + e.n, e.stream, e.version, e.type, e.data::json, happened_at, e.prev_hash, e.hash
  from unnest(streams, versions, types, datas, previouses, hashes) with ordinality
    as e (stream, version, type, data, prev_hash, hash, n);
  update log_head set seq = head.seq + coalesce(array_length(streams, 1), 0), hash = previous;
  return first_seq;
end $$;

-- Where each in-process subscriber of the log stands.
create table subscriptions (
  name text primary key,
  seq bigint not null default 0,
  updated_at timestamptz not null default now()
);

-- Messages taken from outside brokers, for de-duplication in the transaction of their effect.
create table inbox (
  consumer text not null,
  message_id text not null,
  taken_at timestamptz not null default now(),
  primary key (consumer, message_id)
);

-- Messages to people and partners (mail, SMS, webhooks); the log itself is the outbox of events.
create table outbox (
  id uuid primary key,
  kind text not null,
  recipient_sealed text,
  body json not null,
  created_at timestamptz not null default now(),
  next_attempt_at timestamptz not null default now(),
  attempts integer not null default 0 check (attempts >= 0),
  last_error text,
  sent_at timestamptz
);
create index outbox_waiting on outbox (next_attempt_at) where sent_at is null;

-- Answers of writes that carried an Idempotency-Key, kept for 24 hours and more.
create table idempotency_keys (
  caller text not null,
  route text not null,
  key text not null check (length(key) between 1 and 255),
  fingerprint text not null,
  state text not null default 'done' check (state in ('running', 'done')),
  status integer not null,
  answer json not null,
  resource_id text,
  -- True for commands that create: one effect per key (invariant I13).
  creates boolean not null default false,
  created_at timestamptz not null,
  primary key (caller, route, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);

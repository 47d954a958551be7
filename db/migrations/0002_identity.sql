create table clients (
  id uuid primary key,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
  name text not null,
  -- Sandbox clients take test keys; demo clients can be removed as a whole.
  kind text not null check (kind in ('live', 'sandbox', 'demo')),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  return_window_days integer check (return_window_days > 0),
  -- Value above which a person must look, minor units of `currency`.
  review_above_minor bigint check (review_above_minor > 0),
  is_active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table users (
  id uuid primary key,
  email text not null unique check (email = lower(email)),
  name text not null,
  role text not null check (role in ('admin', 'manager', 'worker', 'analyst')),
  password_hash text not null,
  hub_ids uuid[] not null default '{}',
  client_ids uuid[] not null default '{}',
  is_active boolean not null default true,
  is_demo boolean not null default false,
  failed_logins integer not null default 0 check (failed_logins >= 0),
  locked_until timestamptz,
  -- Raised when rights shrink: tokens that carry an older one are refused.
  token_epoch integer not null default 1,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table sessions (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  address text,
  agent text
);
create index sessions_by_user on sessions (user_id, created_at desc);

-- Opaque, hashed, rotated; the second use of one revokes its family.
create table refresh_tokens (
  token_hash bytea primary key,
  family uuid not null references sessions (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz
);
create index refresh_tokens_by_family on refresh_tokens (family);
create unique index refresh_tokens_one_live on refresh_tokens (family) where used_at is null and revoked_at is null;

create table api_keys (
  id text primary key check (length(id) = 8),
  environment text not null check (environment in ('live', 'test')),
  secret_hash bytea not null,
  name text not null,
  client_id uuid not null references clients (id),
  scopes text[] not null,
  created_by uuid references users (id),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  check (expires_at <= created_at + interval '366 days')
);

-- One data key a person, wrapped by the master key. Destroying it erases the person from every place that holds ciphertext.
create table person_keys (
  person_id text primary key,
  client_id uuid not null references clients (id),
  wrapped_key bytea,
  master_key_id text not null,
  created_at timestamptz not null,
  erased_at timestamptz,
  check ((wrapped_key is null) = (erased_at is not null))
);

-- Secrets that all processes of one installation share (token signing keys), sealed by the master key.
create table installation_secrets (
  name text primary key,
  sealed bytea not null,
  created_at timestamptz not null
);

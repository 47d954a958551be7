-- Who signs in by the own company, or has not accepted an invitation yet, has no password.
alter table users alter column password_hash drop not null;
-- False for one that is long enough only beside a second factor.
alter table users add column is_password_long boolean not null default true;

-- Time-based one-time passwords (RFC 6238). The secret is sealed; a code counts once, so the last step is kept.
create table second_factors (
  user_id uuid primary key references users (id) on delete cascade,
  secret_sealed bytea not null,
  created_at timestamptz not null,
  confirmed_at timestamptz,
  last_step bigint not null default 0
);

-- Keyed hashes: nobody can try codes on them without the master key.
create table recovery_codes (
  user_id uuid not null references users (id) on delete cascade,
  code_hash bytea not null,
  created_at timestamptz not null,
  used_at timestamptz,
  primary key (user_id, code_hash)
);

-- Invitations and resets of passwords: only a hash of what the link carries, usable once until it expires.
create table one_time_links (
  token_hash bytea primary key,
  user_id uuid not null references users (id) on delete cascade,
  purpose text not null check (purpose in ('invitation', 'password_reset')),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index one_time_links_by_user on one_time_links (user_id);

-- Who a person is at the provider of the own company (OpenID Connect: issuer and subject).
create table user_identities (
  issuer text not null,
  subject text not null,
  user_id uuid not null references users (id) on delete cascade,
  -- True when the provider's claims made this user: then they also set the role at each sign-in.
  sets_role boolean not null,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  primary key (issuer, subject)
);
create index user_identities_by_user on user_identities (user_id);

alter table sessions
  add column method text not null default 'password' check (method in ('password', 'company')),
  add column has_second_factor boolean not null default false;

-- Public halves and times of the keys that sign access tokens; the private halves are sealed in installation_secrets.
create table signing_keys (
  kid text primary key,
  public_jwk json not null,
  created_at timestamptz not null,
  -- It is published before it signs, so that who verifies has it by then.
  signs_from timestamptz not null,
  -- The end of the last token that it may have signed; null while it is the newest.
  verifies_until timestamptz,
  revoked_at timestamptz
);
-- The one key of before is not taken over: its tokens last 15 minutes, and refresh tokens need no key.
delete from installation_secrets where name = 'token_signing_key';

-- Hubs that a key is bound to; none means all of its client. scope: client_id
alter table api_keys add column hub_ids uuid[] not null default '{}';

-- Keys that wrap keys: each is itself wrapped by the master key (a file or a vault), and wraps the keys of persons or of
-- stored files. So a process asks the master key at its start and after a rotation, not for every person.
create table wrapping_keys (
  id text primary key,
  purpose text not null check (purpose in ('persons', 'blobs')),
  wrapped text not null,
  is_current boolean not null,
  created_at timestamptz not null
);
create unique index wrapping_keys_one_current on wrapping_keys (purpose) where is_current;

-- `master_key_id` names the wrapping key. A person whose key was destroyed and of whom there are new data gets a key of the
-- next version: what was sealed under the old one stays closed. `restricted_at`: kept, but not shown and not processed.
alter table person_keys add column key_version integer not null default 1 check (key_version > 0);
alter table person_keys add column restricted_at timestamptz;

-- One rotation of the master key; an unfinished one is gone on with.
create table key_rotations (
  id uuid primary key,
  started_by text not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  persons bigint not null default 0,
  blobs bigint not null default 0
);
create unique index key_rotations_one_open on key_rotations ((true)) where finished_at is null;

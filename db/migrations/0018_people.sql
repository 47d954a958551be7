-- Blind index of persons: keyed hashes of what they can be found by, never the value. Made from the log beside requests.
-- scope: client_id
create table person_marks (
  mark text not null,
  person_id text not null,
  client_id uuid not null references clients (id),
  kind text not null check (kind in ('email', 'phone', 'name', 'ref')),
  primary key (mark, person_id)
);
create index person_marks_by_person on person_marks (person_id);

-- Returns of a person: for search, access, erasure and retention.
create index return_items_by_person on return_items (person_id) where person_id is not null;

-- What a person has said to a purpose, as it stands; each word is an event of `person-<id>` besides.
-- scope: client_id
create table person_consents (
  person_id text not null,
  client_id uuid not null references clients (id),
  purpose text not null,
  is_given boolean not null,
  -- Which notice the person was shown, and how the word came to us.
  notice text,
  source text not null,
  at timestamptz not null,
  primary key (person_id, purpose)
);

-- The register of erasures, pseudonymous. The key is destroyed with the row; what has to be removed besides follows until
-- `finished_at`, whatever is interrupted.
-- scope: client_id
create table person_erasures (
  id uuid primary key,
  person_id text not null,
  client_id uuid not null references clients (id),
  reason text not null,
  requested_by text not null,
  requested_at timestamptz not null,
  finished_at timestamptz,
  returns bigint not null default 0,
  files bigint not null default 0,
  answers bigint not null default 0
);
create index person_erasures_by_person on person_erasures (person_id, requested_at);
create index person_erasures_open on person_erasures (requested_at) where finished_at is null;

-- What RabbitMQ does not keep of a job: whether its id is known, which copy of it counts, how often it was begun.
create table queued_jobs (
  kind text not null,
  id uuid not null,
  -- The copy that counts; every other one that is still about is void.
  token uuid not null,
  begun integer not null default 0,
  -- When the queue was last known to hold it; null while it is being sent.
  held_at timestamptz,
  done_at timestamptz,
  made_at timestamptz not null,
  primary key (kind, id)
);
create index queued_jobs_made_at on queued_jobs (made_at);

-- Jobs that failed on every try, for a person to look at.
create table dead_letters (
  id uuid primary key,
  kind text not null,
  input jsonb not null,
  reason text not null,
  attempts integer not null,
  priority smallint not null,
  died_at timestamptz not null
);
create index dead_letters_died_at on dead_letters (died_at desc);

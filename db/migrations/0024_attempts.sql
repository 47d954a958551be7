-- Failures in a row at signing in, of what has no row of its own: addresses that nobody has, and devices that are known.
-- Keys are keyed hashes or random ids. With it nothing is lost but a wait, so it costs no log.
create unlogged table sign_in_attempts (
  key text primary key,
  failures integer not null check (failures > 0),
  until timestamptz,
  at timestamptz not null
);
create index sign_in_attempts_by_age on sign_in_attempts (at);

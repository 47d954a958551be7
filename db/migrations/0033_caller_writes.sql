-- Up to where in the log of the server a caller has written: a replica answers that caller when it has come so far. The caller '' stands
-- for everybody. Unlogged: it costs no flush, and after a crash it is empty, which the program takes for "ask the primary".
create unlogged table caller_writes (
  caller text primary key,
  lsn pg_lsn not null
);

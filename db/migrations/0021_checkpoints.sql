-- Signed statements of what the log was (RFC 6962 tree over its records, Ed25519). Copies stand outside the database.
create table audit_checkpoints (
  size bigint primary key check (size > 0),
  root bytea not null,
  -- Roots of the perfect subtrees of `size` leaves, largest first: where the next checkpoint goes on from.
  peaks bytea not null,
  at timestamptz not null,
  note text not null
);
create trigger audit_checkpoints_append_only before update or delete or truncate on audit_checkpoints
  for each statement execute function refuse_change();

-- Roots of whole subtrees of 2^height leaves, so that a proof needs no walk through the log.
create table audit_nodes (
  height smallint not null,
  position bigint not null,
  hash bytea not null,
  primary key (height, position)
);
create trigger audit_nodes_append_only before update or delete or truncate on audit_nodes
  for each statement execute function refuse_change();

-- Records from a time to a time: costs a write next to nothing.
create index events_by_time on events using brin (at) with (pages_per_range = 32);

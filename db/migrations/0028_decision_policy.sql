-- What people have changed of the decision data that ship, each version a patch on the one before.
create table decision_policies (
  version integer primary key check (version > 0),
  patch jsonb not null,
  -- Pointer, value before and after, as it was when it was made.
  changes jsonb not null,
  reason text not null,
  changed_by text not null,
  changed_at timestamptz not null
);

-- What was found when units of late were held against those that the model was trained on.
create table drift_reports (
  id bigint generated always as identity primary key,
  engine text not null,
  at timestamptz not null,
  level text check (level in ('ok', 'warn', 'alert')),
  body jsonb not null
);
create index drift_reports_by_engine on drift_reports (engine, at desc);

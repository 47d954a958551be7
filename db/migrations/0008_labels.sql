-- What people and outcomes say of a decision: labels for training and for audits, not truth. Rows of the log, seen another
-- way; `version` is that of the event in the return's stream.
create table labels (
  return_id uuid not null references return_items (id),
  version integer not null check (version > 0),
  recommendation_id uuid references ai_recommendations (id),
  kind text not null check (kind in ('accepted', 'overridden', 'helpful', 'not_helpful', 'outcome', 'appraisal',
    'done', 'progress', 'reversed')),
  disposition text,
  channel text,
  reason_code text,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  net_value_minor bigint,
  sold_price_minor bigint check (sold_price_minor >= 0),
  sold_at timestamptz,
  days_to_cash double precision check (days_to_cash >= 0),
  repair_needed boolean,
  repair_cost_minor bigint check (repair_cost_minor >= 0),
  repair_succeeded boolean,
  rereturned boolean,
  liquidation_minor bigint check (liquidation_minor >= 0),
  abuse text check (abuse in ('none', 'swap', 'empty_box', 'counterfeit')),
  -- List of {disposition, channel, valueMinor}: what a person says that each route would bring.
  appraisals jsonb,
  by_id text not null,
  at timestamptz not null,
  primary key (return_id, version),
  check ((kind = 'appraisal') = (appraisals is not null))
);
create index labels_audits on labels (at, return_id) where kind = 'appraisal';

alter table recommendation_feedback drop constraint recommendation_feedback_kind_check;
alter table recommendation_feedback add constraint recommendation_feedback_kind_check
  check (kind in ('accepted', 'overridden', 'helpful', 'not_helpful', 'outcome', 'appraisal'));

create table parcels (
  id uuid primary key,
  client_id uuid not null references clients (id),
  awb text not null check (length(awb) between 4 and 64),
  created_at timestamptz not null,
  received_at timestamptz,
  received_hub_id uuid references hubs (id),
  unique (client_id, awb)
);
create index parcels_by_awb on parcels (awb);

-- One row, one physical unit.
create table return_items (
  id uuid primary key,
  client_id uuid not null references clients (id),
  client_ref text not null check (length(client_ref) between 1 and 160),
  rma_number text not null,
  lpn text not null unique,
  source text not null check (source in ('api', 'file', 'marketplace', 'person', 'demo')),
  product_id uuid references products (id),
  sku text,
  title text not null,
  category_id text not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  price_minor bigint check (price_minor >= 0),
  mrp_minor bigint check (mrp_minor >= 0),
  order_ref text,
  order_line_ref text,
  ordered_at timestamptz,
  delivered_at timestamptz,
  requested_at timestamptz not null,
  return_type text not null check (return_type in ('customer_return', 'rto')),
  reason_code text not null,
  sale_channel text,
  pickup_pincode text,
  is_opened boolean,
  parcel_id uuid references parcels (id),
  awb text,
  serial_number text,
  person_id text,
  -- Name, phone, e-mail, address and note of the customer as one ciphertext under the person's key.
  customer_sealed text,
  stage text not null check (stage in ('submitted', 'validated', 'recommended', 'hub_assigned', 'received',
    'quality_check', 'disposition', 'completed', 'rejected', 'cancelled')),
  custody text not null check (custody in ('advised', 'in_transit', 'received', 'in_location', 'in_container',
    'transferred', 'handed_over', 'lost', 'not_returned')),
  acceptance text not null check (acceptance in ('pending', 'accepted', 'rejected', 'manual_review')),
  money_state text not null check (money_state in ('none', 'previewed', 'due', 'instructed', 'confirmed', 'failed')),
  needs_review boolean not null,
  review_reasons text[] not null,
  hub_id uuid references hubs (id),
  hub_distance_km double precision,
  reserved_until timestamptz,
  location_code text,
  grade text check (grade in ('S', 'A', 'B', 'C', 'D', 'E', 'Q')),
  quality_check_id uuid,
  recommendation_id uuid,
  -- The recommendation at hand, repeated here so that lists need no join.
  recommended_disposition text,
  recommended_channel text,
  recommended_value_minor bigint,
  recommended_confidence double precision,
  disposition_id uuid,
  disposition text,
  disposition_channel text,
  expected_value_minor bigint,
  realised_value_minor bigint,
  refund_minor bigint not null default 0 check (refund_minor >= 0),
  processed_by uuid,
  received_at timestamptz,
  checked_at timestamptz,
  decided_at timestamptz,
  completed_at timestamptz,
  version integer not null check (version > 0),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (client_id, client_ref),
  check (delivered_at is null or ordered_at is null or delivered_at >= ordered_at),
  check (needs_review = (cardinality(review_reasons) > 0)),
  check (disposition_id is not null or stage not in ('disposition', 'completed'))
);
create index return_items_newest on return_items (created_at desc, id desc);
create index return_items_by_client on return_items (client_id, created_at desc, id desc);
create index return_items_by_stage on return_items (stage, created_at desc, id desc);
create index return_items_by_hub on return_items (hub_id, stage, created_at desc, id desc);
create index return_items_reviews on return_items (created_at desc, id desc) where needs_review;
create index return_items_by_line on return_items (client_id, order_line_ref) where order_line_ref is not null;
create index return_items_lapsing on return_items (reserved_until) where reserved_until is not null;

-- Any scannable alias of a unit.
create table identifiers (
  return_id uuid not null references return_items (id),
  kind text not null check (kind in ('lpn', 'rma', 'awb', 'order', 'serial', 'client_ref', 'other')),
  value text not null,
  primary key (value, kind, return_id)
);
create index identifiers_by_return on identifiers (return_id);

create table processing_workflows (
  id uuid primary key,
  return_id uuid not null unique references return_items (id),
  stage text not null,
  needs_review boolean not null,
  stage_entered_at timestamptz not null,
  due_at timestamptz,
  updated_at timestamptz not null
);
create index processing_workflows_pending on processing_workflows (stage, due_at)
  where stage not in ('completed', 'rejected', 'cancelled');

-- History of recommendations, one current. The whole body (options, exclusions, reasons) is the event at `version`.
create table ai_recommendations (
  id uuid primary key,
  return_id uuid not null references return_items (id),
  version integer not null,
  point text not null check (point in ('t0', 't1', 't2')),
  is_current boolean not null,
  disposition text not null,
  channel text not null,
  currency text not null,
  value_mean_minor bigint not null,
  value_p05_minor bigint not null,
  value_p95_minor bigint not null,
  confidence double precision check (confidence between 0 and 1),
  needs_review boolean not null,
  level text not null check (level in ('L0', 'L1', 'L2', 'L3')),
  model_version text not null,
  created_at timestamptz not null,
  check (value_p05_minor <= value_p95_minor)
);
create unique index ai_recommendations_one_current on ai_recommendations (return_id) where is_current;
create index ai_recommendations_history on ai_recommendations (return_id, version);

create table recommendation_feedback (
  id uuid primary key,
  recommendation_id uuid not null references ai_recommendations (id),
  return_id uuid not null references return_items (id),
  kind text not null check (kind in ('accepted', 'overridden', 'helpful', 'not_helpful', 'outcome')),
  disposition text,
  reason_code text,
  realised_value_minor bigint,
  by_id text not null,
  created_at timestamptz not null
);
create index recommendation_feedback_by_return on recommendation_feedback (return_id);

create table dispositions (
  id uuid primary key,
  return_id uuid not null references return_items (id),
  is_current boolean not null,
  disposition text not null check (disposition in ('restock', 'open_box', 'refurbish', 'resell', 'vendor', 'liquidate',
    'parts', 'donate', 'recycle', 'destroy', 'return_to_customer', 'hold')),
  channel text not null,
  source text not null check (source in ('accepted', 'overridden', 'rule')),
  reason_code text,
  recommendation_id uuid references ai_recommendations (id),
  execution text not null check (execution in ('planned', 'in_progress', 'blocked', 'done', 'reversed')),
  blocked_reason text,
  currency text not null,
  expected_value_minor bigint,
  realised_value_minor bigint,
  certificate_ref text,
  external_ref text,
  decided_by text not null,
  decided_at timestamptz not null,
  executed_by text,
  executed_at timestamptz,
  version integer not null check (version > 0),
  updated_at timestamptz not null,
  check ((execution = 'blocked') = (blocked_reason is not null)),
  check (execution <> 'done' or executed_at is not null)
);
create unique index dispositions_one_current on dispositions (return_id) where is_current;
create index dispositions_by_return on dispositions (return_id);

-- Double entry, whole minor units: the entries of one transaction (`tx`) sum to zero per currency.
create table ledger_entries (
  tx uuid not null,
  line smallint not null,
  return_id uuid not null references return_items (id),
  account text not null check (account in ('refunds_payable', 'refunds_expense', 'recovery_receivable',
    'recovery_income', 'disposal_cost', 'costs_payable')),
  currency text not null,
  amount_minor bigint not null check (amount_minor <> 0),
  at timestamptz not null,
  primary key (tx, line)
);
create index ledger_entries_by_return on ledger_entries (return_id);

create table products (
  id uuid primary key,
  client_id uuid not null references clients (id),
  sku text not null check (length(sku) between 1 and 128),
  title text not null,
  category_id text not null,
  -- True when the category was worked out from the title and nobody has confirmed it.
  is_category_inferred boolean not null default false,
  brand text,
  brand_tier text not null default 'mid' check (brand_tier in ('premium', 'mid', 'budget', 'unbranded')),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  mrp_minor bigint check (mrp_minor >= 0),
  price_minor bigint check (price_minor >= 0),
  cost_minor bigint check (cost_minor >= 0),
  weight_grams integer check (weight_grams > 0),
  volume_ml integer check (volume_ml > 0),
  launched_on date,
  ean text,
  is_recalled boolean not null default false,
  is_hazmat boolean not null default false,
  has_battery boolean,
  is_data_bearing boolean,
  has_brand_restriction boolean not null default false,
  is_vendor_returnable boolean not null default false,
  is_returnable boolean not null default true,
  return_window_days integer check (return_window_days > 0),
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (client_id, sku)
);
create index products_by_ean on products (ean) where ean is not null;

-- Order lines as clients tell them: facts for eligibility and return rates.
create table order_lines (
  client_id uuid not null references clients (id),
  line_ref text not null check (length(line_ref) between 1 and 160),
  order_ref text not null,
  sku text,
  category_id text,
  quantity integer not null check (quantity >= 0),
  currency text not null,
  paid_minor bigint check (paid_minor >= 0),
  ordered_at timestamptz not null,
  delivered_at timestamptz,
  ship_pincode text,
  ship_state text,
  sale_channel text,
  outcome text not null check (outcome in ('delivered', 'returned', 'rto', 'cancelled', 'lost', 'unknown')),
  imported_at timestamptz not null,
  primary key (client_id, line_ref),
  check (delivered_at is null or delivered_at >= ordered_at)
);
create index order_lines_by_order on order_lines (client_id, order_ref);
create index order_lines_rates on order_lines (client_id, category_id, outcome);

-- Reference data of `data/`, each version kept once it has been used.
create table channels (
  id text not null,
  version text not null,
  body jsonb not null,
  primary key (id, version)
);
create table fee_tables (
  id text not null,
  version text not null,
  body jsonb not null,
  primary key (id, version)
);
create table rubrics (
  id text not null,
  revision integer not null,
  body jsonb not null,
  primary key (id, revision)
);
create table rules (
  id text not null,
  version text not null,
  body jsonb not null,
  primary key (id, version)
);

-- What the customer's own words are about, and whether the category was told by nobody but worked out from a title.
alter table return_items
  add column reason_cluster text check (reason_cluster in ('fit', 'look', 'fault', 'damage', 'incomplete', 'wrong', 'late',
    'price', 'other')),
  add column is_category_inferred boolean not null default false;

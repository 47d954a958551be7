-- What outcomes and decisions say to the next decision. Kept by a subscriber of the log, not rebuilt by a replay.
-- Alpha of the conformal intervals of a group: adapts until one outcome in ten falls outside.
create table interval_state (
  group_id text primary key,
  alpha double precision not null check (alpha between 0.02 and 0.25),
  outcomes integer not null check (outcomes > 0),
  missed integer not null check (missed between 0 and outcomes)
);
-- Outcomes known of each route, by level 1 of the category: exploration starts wide until there are enough.
create table route_outcomes (
  category_l1 text not null,
  route text not null,
  outcomes integer not null check (outcomes > 0),
  primary key (category_l1, route)
);
-- Expected value of a day's decisions and what exploring gave up of it, in paise: the budget of exploration.
create table exploration_days (
  day date primary key,
  value_minor double precision not null,
  ties_minor double precision not null check (ties_minor >= 0),
  probes_minor double precision not null check (probes_minor >= 0)
);

-- A message that nobody could send in time is worth nothing: its links have expired. Recipient and text are sealed, and
-- taken away when it was sent.
alter table outbox add column expires_at timestamptz;
create index outbox_expiring on outbox (expires_at);

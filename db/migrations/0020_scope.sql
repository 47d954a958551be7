alter table users drop constraint users_role_check;
alter table users add constraint users_role_check
  check (role in ('admin', 'manager', 'worker', 'analyst', 'claims', 'client_viewer'));

-- Whose rows a bound connection may touch: `*` for all, else a list. A setting that is missing means none.
create function scope_any_client() returns boolean language sql stable parallel safe as
$$ select coalesce(current_setting('smartreturns.clients', true) = '*', false) $$;
create function scope_clients() returns uuid[] language sql stable parallel safe as
$$ select coalesce(nullif(nullif(current_setting('smartreturns.clients', true), '*'), ''), '{}')::uuid[] $$;
create function scope_any_hub() returns boolean language sql stable parallel safe as
$$ select coalesce(current_setting('smartreturns.hubs', true) = '*', false) $$;
create function scope_hubs() returns uuid[] language sql stable parallel safe as
$$ select coalesce(nullif(nullif(current_setting('smartreturns.hubs', true), '*'), ''), '{}')::uuid[] $$;

-- The chain covers the time too (microseconds since 1970). It runs with the rights of the owner: the application itself
-- can neither insert into the log nor move its head.
create or replace function append_events(streams text[], versions integer[], types text[], datas text[], happened_at timestamptz)
returns bigint language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  head log_head;
  first_seq bigint;
  previous bytea;
  hashes bytea[] := '{}';
  previouses bytea[] := '{}';
  micros text := '|' || (extract(epoch from happened_at) * 1000000)::bigint || '|';
begin
  select * into head from log_head for update;
  first_seq := head.seq + 1;
  previous := head.hash;
  for i in 1 .. coalesce(array_length(streams, 1), 0) loop
    previouses[i] := previous;
    previous := sha256(previous || convert_to((head.seq + i) || '|' || streams[i] || '|' || versions[i] || '|' || types[i] || micros || datas[i], 'UTF8'));
    hashes[i] := previous;
  end loop;
  insert into events (seq, stream, version, type, data, at, prev_hash, hash)
  select head.seq + e.n, e.stream, e.version, e.type, e.data::json, happened_at, e.prev_hash, e.hash
  from unnest(streams, versions, types, datas, previouses, hashes) with ordinality
    as e (stream, version, type, data, prev_hash, hash, n);
  update log_head set seq = head.seq + coalesce(array_length(streams, 1), 0), hash = previous;
  return first_seq;
end $$;

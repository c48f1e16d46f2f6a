-- serves: 0.1.0
-- A subscriber that failed, or whose server was killed, gets the same batch again and no other one; and how long it has
-- failed is counted, so that a wall clock that leaps changes nothing about it.

alter table domain_event_subscriber
  -- Where the batch ends that was begun. Of no meaning once the position has passed it.
  add column batch_up_to bigint check (batch_up_to >= 0),
  -- For how long it has failed while a server was there to see it.
  add column failed_ms bigint not null default 0 check (failed_ms >= 0);

-- serves: 0.1.0
-- Whose choice the events of a webhook are, so that it tells no more than that administrator may read now.

-- Null where nobody is known: of webhooks from before, what was held then goes on to count. No foreign key: of an account
-- that is gone the webhook may tell nothing, and must not count as one of which nobody is known.
alter table webhook add column chosen_by uuid;

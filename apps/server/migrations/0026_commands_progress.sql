-- serves: 0.1.0
-- How far a product says that it is with a command.

alter table command_target
  -- Null while nobody can tell.
  add column progress_percent smallint check (progress_percent between 0 and 100),
  add column progress_text text check (length(progress_text) <= 200),
  -- Null: the product has told nothing of it.
  add column progress_at timestamptz;

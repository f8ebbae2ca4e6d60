create table private.settings (
  is_singleton boolean primary key default true,
  updated_at   timestamptz not null default now(),
  constraint settings_has_one_row check (is_singleton)
);

comment on table private.settings is
  'Product settings, exactly one row, with columns of many rooms. Edit it in Studio; changes count from the next '
  'command on.';
comment on column private.settings.is_singleton is 'Always true: keeps the table at one row.';

alter table private.settings enable row level security;

create trigger settings_set_updated_at before update on private.settings
  for each row when (old.updated_at = new.updated_at) execute function private.set_updated_at();

insert into private.settings default values;

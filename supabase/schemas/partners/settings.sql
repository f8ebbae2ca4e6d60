alter table private.settings
  add column wrong_code_limit integer not null default 20,
  add column wrong_code_minutes integer not null default 10,
  add constraint wrong_code_limit_is_between_1_and_1000 check (wrong_code_limit between 1 and 1000),
  add constraint wrong_code_minutes_is_between_1_and_1440 check (wrong_code_minutes between 1 and 1440);

comment on column private.settings.wrong_code_limit is
  'Wrong codes that one API key may try within wrong_code_minutes before it has to wait.';
comment on column private.settings.wrong_code_minutes is 'Length in minutes of the window for wrong codes.';

alter table private.settings add column picture_limit integer not null default 300;

alter table private.settings add constraint picture_limit_is_not_negative check (picture_limit >= 0);

comment on column private.settings.picture_limit is
  'Most files a member may keep in each bucket.';

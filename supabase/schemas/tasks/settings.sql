alter table private.settings
  add column reward_funding           public.reward_funding not null default 'community',
  add column confirmation_days        integer not null default 14,
  add column points_limit_per_creator integer not null default 5000,
  add column points_limit_per_pair    integer not null default 2000,
  add column points_limit_days        integer not null default 30,
  add column open_task_limit          integer not null default 20,
  add column points_limit_per_helper  integer not null default 5000,
  add column new_member_days          integer not null default 7,
  add column new_member_points_limit  integer not null default 500,
  add column task_limit_per_day       integer not null default 100,
  add column offer_limit_per_day      integer not null default 200,
  add column task_change_limit_per_day integer not null default 200,
  add column start_reminder_days      integer not null default 2,
  add column replace_grace_hours      integer not null default 24,
  add column late_release_hours       integer not null default 24,
  add column unended_task_days        integer not null default 14,
  add column exact_place_days         integer not null default 90,
  add column contact_reveal_days      integer not null default 365,
  add column task_archive_days        integer not null default 365,
  add column community_reward_requires_verified_contact boolean not null default true;

alter table private.settings
  add constraint confirmation_days_is_between_1_and_365 check (confirmation_days between 1 and 365),
  add constraint points_limit_per_creator_is_not_negative check (points_limit_per_creator >= 0),
  add constraint points_limit_per_pair_is_not_negative check (points_limit_per_pair >= 0),
  add constraint points_limit_days_is_between_1_and_365 check (points_limit_days between 1 and 365),
  add constraint open_task_limit_is_not_negative check (open_task_limit >= 0),
  add constraint points_limit_per_helper_is_not_negative check (points_limit_per_helper >= 0),
  add constraint new_member_days_is_between_0_and_365 check (new_member_days between 0 and 365),
  add constraint new_member_points_limit_is_not_negative check (new_member_points_limit >= 0),
  add constraint task_limit_per_day_is_not_negative check (task_limit_per_day >= 0),
  add constraint offer_limit_per_day_is_not_negative check (offer_limit_per_day >= 0),
  add constraint task_change_limit_per_day_is_not_negative check (task_change_limit_per_day >= 0),
  add constraint start_reminder_days_is_between_0_and_365 check (start_reminder_days between 0 and 365),
  add constraint replace_grace_hours_is_between_0_and_720 check (replace_grace_hours between 0 and 720),
  add constraint late_release_hours_is_between_0_and_720 check (late_release_hours between 0 and 720),
  add constraint unended_task_days_is_between_1_and_365 check (unended_task_days between 1 and 365),
  -- not before its helper has seen the last of it
  add constraint exact_place_days_is_between_14_and_3650 check (exact_place_days between 14 and 3650),
  add constraint contact_reveal_days_is_between_30_and_3650 check (contact_reveal_days between 30 and 3650),
  -- not while its two sides may still reach each other
  add constraint task_archive_days_is_between_14_and_3650 check (task_archive_days between 14 and 3650);

comment on column private.settings.reward_funding is
  'Who pays rewards of tasks created from now on: community (points are issued) or creator (held at posting, paid at '
  'confirmation).';
comment on column private.settings.confirmation_days is
  'Days after which a finished task that nobody answered confirms itself.';
comment on column private.settings.points_limit_per_creator is
  'Most community points one creator may commit and issue within points_limit_days.';
comment on column private.settings.points_limit_per_pair is
  'Most community points one creator may commit and issue to the same helper within points_limit_days.';
comment on column private.settings.points_limit_per_helper is
  'Most community points that all creators together may commit and issue to one helper within points_limit_days.';
comment on column private.settings.points_limit_days is 'Length in days of the window for the points limits.';
comment on column private.settings.new_member_days is 'How many days after sign-up somebody counts as a new member.';
comment on column private.settings.new_member_points_limit is
  'Most community points a new member may commit and issue.';
comment on column private.settings.community_reward_requires_verified_contact is
  'Whether community points need a confirmed e-mail address or phone number, of the creator and of the helper.';
comment on column private.settings.task_limit_per_day is 'Most tasks a member may post in 24 hours.';
comment on column private.settings.offer_limit_per_day is
  'Most times a member may offer help in 24 hours; taking an offer back does not give it back.';
comment on column private.settings.task_change_limit_per_day is
  'Most times a creator may change tasks or reject finished work in 24 hours.';
comment on column private.settings.open_task_limit is 'Most open tasks a creator may have when posting another.';
comment on column private.settings.start_reminder_days is
  'Days after the acceptance by which a helper is expected to begin where no start was agreed; then they are reminded. '
  'Holds for helpers accepted from now on.';
comment on column private.settings.replace_grace_hours is
  'Hours after the helper was expected from which on the creator may replace them.';
comment on column private.settings.late_release_hours is
  'Hours before an agreed start within which stepping back is late.';
comment on column private.settings.unended_task_days is
  'Days after its start, expected or real, from which on a task that nobody ends is stuck: both are reminded, admins '
  'see it, and a helper who has started may be replaced.';
comment on column private.settings.exact_place_days is
  'Days after a task''s end from which its exact place and address are deleted.';
comment on column private.settings.contact_reveal_days is
  'Days for which members see who was shown their contact data; then it is deleted.';
comment on column private.settings.task_archive_days is
  'Days after its completion from which a task is archived: it stays as it is, with another status.';

create function private.task_rules()
returns table (time_zone text, reward_funding public.reward_funding,
  community_reward_requires_verified_contact boolean, open_task_limit integer, confirmation_days integer,
  start_reminder_days integer, replace_grace_hours integer, late_release_hours integer, exact_place_days integer,
  contact_reveal_days integer)
language plpgsql stable security definer set search_path = ''
as $$ begin
  perform private.require_member();
  return query
    select s.time_zone, s.reward_funding, s.community_reward_requires_verified_contact, s.open_task_limit,
      s.confirmation_days, s.start_reminder_days, s.replace_grace_hours, s.late_release_hours, s.exact_place_days,
      s.contact_reveal_days
    from private.settings s;
end $$;
grant execute on function private.task_rules() to authenticated;

create function public.task_rules()
returns table (time_zone text, reward_funding public.reward_funding,
  community_reward_requires_verified_contact boolean, open_task_limit integer, confirmation_days integer,
  start_reminder_days integer, replace_grace_hours integer, late_release_hours integer, exact_place_days integer,
  contact_reveal_days integer)
language plpgsql stable set search_path = ''
as $$ begin return query select * from private.task_rules(); end $$;
comment on function public.task_rules() is
  'How helping each other works here, for apps to say it before somebody acts: one row with those settings that '
  'concern every member, by their names in private.settings. Limits against abuse are not among them. '
  'Errors: not_signed_in, user_inactive.';
grant execute on function public.task_rules() to authenticated;

-- Change a setting: it holds from the next command on. Tasks that exist keep their reward_funding.
-- The values here are the defaults. Hover over the columns of private.settings for their meaning.
update private.settings
set reward_funding = 'community',
  confirmation_days = 14,
  points_limit_per_creator = 5000,
  points_limit_per_pair = 2000,
  points_limit_days = 30,
  open_task_limit = 20,
  points_limit_per_helper = 5000,
  new_member_days = 7,
  new_member_points_limit = 500,
  task_limit_per_day = 100,
  offer_limit_per_day = 200,
  task_change_limit_per_day = 200,
  community_reward_requires_verified_contact = true,
  welcome_points = 0,
  redemption_requires_verified_email = true,
  partner_answer_minutes = 60,
  return_limit_per_day = 20,
  review_limit_per_day = 50,
  block_limit_per_day = 100,
  consent_limit_per_day = 20,
  wrong_code_limit = 20,
  wrong_code_minutes = 10
where is_singleton
returning *;

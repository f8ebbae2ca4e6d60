alter table private.settings
  add column recommendation_preference_weight numeric(4, 3) not null default 0.6,
  add column recommendation_rating_weight     numeric(4, 3) not null default 0.2,
  add column recommendation_popularity_weight numeric(4, 3) not null default 0.1,
  add column recommendation_proximity_weight  numeric(4, 3) not null default 0.1,
  add column recommendation_neutral_part      numeric(4, 3) not null default 0.5,
  add column suggestion_distance_weight       numeric(4, 3) not null default 0.3,
  add column suggestion_preference_weight     numeric(4, 3) not null default 0.3,
  add column suggestion_trust_weight          numeric(4, 3) not null default 0.2,
  add column suggestion_fatigue_weight        numeric(4, 3) not null default 0.2,
  add column suggestion_limit_per_day         integer not null default 20,
  add column suggestion_retention_days        integer not null default 90,
  add constraint recommendation_weights_sum_to_1 check (
    least(recommendation_preference_weight, recommendation_rating_weight,
      recommendation_popularity_weight, recommendation_proximity_weight) >= 0
    and recommendation_preference_weight + recommendation_rating_weight
      + recommendation_popularity_weight + recommendation_proximity_weight = 1),
  add constraint recommendation_neutral_part_is_between_0_and_1 check (recommendation_neutral_part between 0 and 1),
  add constraint suggestion_weights_sum_to_1 check (
    least(suggestion_distance_weight, suggestion_preference_weight,
      suggestion_trust_weight, suggestion_fatigue_weight) >= 0
    and suggestion_distance_weight + suggestion_preference_weight
      + suggestion_trust_weight + suggestion_fatigue_weight = 1),
  add constraint suggestion_limit_per_day_is_not_negative check (suggestion_limit_per_day >= 0),
  -- no shorter than the list of a day, which it would make anew
  add constraint suggestion_retention_days_is_between_7_and_3650 check (suggestion_retention_days between 7 and 3650);

comment on column private.settings.recommendation_preference_weight is
  'Recommendations: share of what the member likes. The four shares sum to 1.';
comment on column private.settings.recommendation_rating_weight is
  'Recommendations: share of the mean rating of the place, or of who asks for help.';
comment on column private.settings.recommendation_popularity_weight is
  'Recommendations: share of how many ratings there are.';
comment on column private.settings.recommendation_proximity_weight is 'Recommendations: share of how near it is.';
comment on column private.settings.recommendation_neutral_part is
  'Stands for the opinion that is not there: a category nobody asked the member about, a place or member without '
  'ratings. 0 to 1.';
comment on column private.settings.suggestion_distance_weight is
  'Suggested helpers: share of the distance band. The four shares sum to 1.';
comment on column private.settings.suggestion_preference_weight is
  'Suggested helpers: share of how much the helper likes the category.';
comment on column private.settings.suggestion_trust_weight is 'Suggested helpers: share of the trust score.';
comment on column private.settings.suggestion_fatigue_weight is 'Suggested helpers: share of how rested the helper is.';
comment on column private.settings.suggestion_limit_per_day is
  'Most times a member may have helpers picked in 24 hours; reading the same list again does not count.';
comment on column private.settings.suggestion_retention_days is
  'Days after which it is forgotten who was suggested for which task, and why.';

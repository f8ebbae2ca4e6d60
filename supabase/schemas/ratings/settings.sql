alter table private.settings
  add column trust_formula public.trust_formula not null default 'documented',
  add column trust_prior numeric(3, 2) not null default 3.5,
  add column trust_weight numeric(6, 2) not null default 5,
  add constraint trust_prior_is_between_1_and_5 check (trust_prior between 1 and 5),
  add constraint trust_weight_is_between_0_01_and_1000 check (trust_weight between 0.01 and 1000);

comment on column private.settings.trust_formula is
  'How trust_score is worked out: documented (average times ln(number + 1) / ln(11), at most 5) or bayesian (mean of '
  'the ratings and trust_weight imagined ratings of trust_prior). A change recomputes every member.';
comment on column private.settings.trust_prior is 'Bayesian formula: the score of a member nobody has rated, 1 to 5.';
comment on column private.settings.trust_weight is 'Bayesian formula: how many ratings the prior counts as.';

-- No-shows that a helper contests and nobody has decided. Replace the id: select ops.decide_no_show(1, 'upheld', 'Why, for the helper.');
select n.no_show_id, n.title, n.creator, n.reason, n.helper, n.statement, n.created_at, n.contested_at,
  n.no_shows_of_helper, n.no_shows_by_creator
from ops.no_shows n
where n.contested_at is not null and n.decision is null
order by n.contested_at
limit 100;

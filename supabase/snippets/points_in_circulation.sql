-- How many points members hold, and where they came from or went. The column adds up to zero.
select case when e.account like 'member:%' then 'members' else e.account end as account,
  sum(e.amount) as points, count(*) as entries
from ops.ledger_entries e
group by 1
order by 2 desc;

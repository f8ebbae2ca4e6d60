-- Correct a member's points. Replace address, amount (negative takes points away) and reason; the member can read the reason.
-- Each run books again. A row in the ledger is never changed or removed: undo a mistake with the opposite amount.
select t.*
from auth.users a
cross join lateral ops.adjust_points(a.id, 10, 'Thank you for watering the tree in front of the house.') t
where a.email = 'anna@example.test';

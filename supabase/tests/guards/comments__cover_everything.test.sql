-- Studio shows these comments.
begin;
select plan(6);

select is_empty($$select name from tests.without_comment() where kind = 'table'$$, 'every table and view is commented');
select is_empty($$select name from tests.without_comment() where kind = 'column'$$, 'every column is commented');
select is_empty($$select name from tests.without_comment() where kind = 'function'$$, 'every function is commented');

create table public.planted (id integer, colour text);
create function public.planted() returns integer language sql as 'select 1';
select results_eq($$select name from tests.without_comment() where kind = 'table'$$, array['planted'], 'a table without a comment is found');
select results_eq($$select name from tests.without_comment() where kind = 'column'$$, array['planted.colour'], 'a column without a comment is found');
select results_eq($$select name from tests.without_comment() where kind = 'function'$$, array['planted()'], 'a function without a comment is found');

select * from finish();
rollback;

create table documents (id integer primary key, title varchar not null, embedding text not null, status varchar not null);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 60)
insert into documents select i, 'title ' || i, hex(zeroblob(3000)), 'done' from n;

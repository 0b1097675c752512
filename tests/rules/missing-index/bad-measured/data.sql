create table rooms (id integer primary key, name varchar not null, slug varchar not null, open tinyint not null);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 40000)
insert into rooms select i, 'room ' || i, 'slug-' || i, 1 from n;

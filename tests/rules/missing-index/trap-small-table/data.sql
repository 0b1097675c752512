create table rooms (id integer primary key, name varchar not null, slug varchar not null);
insert into rooms values (1, 'one', 'a'), (2, 'two', 'b');

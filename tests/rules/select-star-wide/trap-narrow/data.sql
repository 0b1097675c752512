create table documents (id integer primary key, title varchar not null, body text not null, status varchar not null);
insert into documents values (1, 'a', 'short', 'done'), (2, 'b', 'short', 'done');

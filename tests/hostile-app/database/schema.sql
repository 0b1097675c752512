pragma journal_mode = wal;
create table users(id integer primary key, name text, email text, password text, remember_token text);
create table posts(id integer primary key, title text, slug text, user_id int references users(id));
create table sessions(id text primary key, user_id int, ip_address text, user_agent text, payload text, last_activity int);
create table cache(key text primary key, value text, expiration int);
create table cache_locks(key text primary key, owner text, expiration int);
create table jobs(id integer primary key, queue text, payload text, attempts int, reserved_at int, available_at int, created_at int);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 20) insert into users select i, 'u' || i, 'u' || i || '@example.com', 'x', null from n;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) insert into posts select i, 'post ' || i, 'post-' || i, case when i % 3 then 7 else 1 + i % 20 end from n;

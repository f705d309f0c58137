# shellcheck shell=bash
# Databases OLD and DATABASE, whose extension is called vector, and no NEW.
for name in OLD DATABASE; do
	dropdb --if-exists "$name" 2>/dev/null
	createdb "$name"
	psql -qX -d "$name" <<-END
		CREATE EXTENSION vector;
		CREATE TABLE items (id int PRIMARY KEY, embedding vector(3));
		INSERT INTO items SELECT i, ARRAY[sin(i), cos(i), 1]::vector
		FROM generate_series(1, 500) AS i;
		CREATE INDEX ON items USING ivfflat (embedding vector_l2_ops) WITH (lists = 9);
	END
done
dropdb --if-exists NEW 2>/dev/null

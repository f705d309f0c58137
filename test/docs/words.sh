# shellcheck shell=bash
# A file of word vectors, in a database of its own.
createdb "words_$$"
export PGDATABASE=words_$$
psql -qXc 'CREATE EXTENSION vecdb'
awk 'BEGIN { srand(7)
	for (i = 1; i <= 400; i++) {
		printf "%s", i == 77 ? "pumpkin" : "word" i
		for (j = 1; j <= 100; j++) printf " %.4f", rand() - 0.5
		print "" } }' >glove.6B.100d.txt

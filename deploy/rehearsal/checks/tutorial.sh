# The tutorial, through the tunnel: with the client program, and with Python.
#
# shellcheck shell=bash

# The words that make_words.py puts around "pumpkin".
autumn="apple,carrot,cider,cinnamon,cranberry,gourd,pecan,squash,turnip"

check_tutorial() {
  "$here/make_words.py" 3000 100 >"$(root_of client)/root/words.txt"
  cp "$here/tutorial.py" "$(root_of client)/root/"
  check_load
  check_search
  check_python
}

vecdb_on_client() {
  on client env PGPASSWORD="$password" vecdb "$1" -d "$by_password" "${@:2}"
}

count_words() {
  as_admin "SELECT count(*) FROM word_embeddings"
}

check_load() {
  head -n 1000 "$(root_of client)/root/words.txt" |
    sed '500s/ [^ ]*$/ pie/' >"$(root_of client)/root/bad.txt"
  refused "vecdb load names the malformed line" 'bad.txt.*500' \
    vecdb_on_client load /root/bad.txt
  refused "it left nothing behind" 'does not exist' count_words
  accepted "vecdb load brings the words in" \
    vecdb_on_client load /root/words.txt
  equals "all of them are there" 3000 count_words
}

# The words found, without "pumpkin" itself, in one line.
search_words() {
  vecdb_on_client search --json "$@" pumpkin | python3 -c '
import json, sys
found = json.load(sys.stdin)
rows = found if isinstance(found, list) else found["rows"]
print(",".join(sorted({row["word"] for row in rows} - {"pumpkin"})))'
}

check_search() {
  equals "vecdb search finds the neighbours, exactly" "$autumn" \
    search_words --exact --count 10
  accepted "vecdb index builds an index" vecdb_on_client index
  equals "vecdb search finds them through the index" "$autumn" \
    search_words --count 10
  refused "vecdb search says that a word is not there" 'no row.*|not' \
    vecdb_on_client search pumpkinpie
}

check_python() {
  accepted "the tutorial in Python: batch insert, index, search" \
    on client env PGPASSWORD="$password" /usr/bin/python3 \
    /root/tutorial.py "$by_password" /root/words.txt
}

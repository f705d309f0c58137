# shellcheck shell=bash source=/dev/null
# Words with an index on them.
. "$(dirname "${BASH_SOURCE[0]}")/words.sh"
vecdb load -t words glove.6B.100d.txt >/dev/null
vecdb index -t words --metric cosine >/dev/null

#!/bin/bash
# plots.sh FOLDER
#   Every plot of the rows that a folder has.
set -euo pipefail

FOLDER=$1
HERE=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=bench/plot-lib.sh
. "$HERE/plot-lib.sh"

! has_rows search || "$HERE/plot.sh" "$FOLDER"
! has_rows shapes || "$HERE/shapes-plot.sh" "$FOLDER"
! has_rows live || "$HERE/live-plot.sh" "$FOLDER"
"$HERE/parts-plot.sh" "$FOLDER"

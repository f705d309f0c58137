# shellcheck shell=bash
#
# The steps "clients" and "few_clients": programs over the drivers and frameworks
# of several languages, by the list test/clients/list.txt, against the server.
#
# What they need comes from the registries once and stays in the cache, beside
# the list that named it: without a changed list nothing is fetched again.

CLIENT_CACHE=$VECDB_CACHE/clients

# Of the default test: a driver of two languages, an ORM, and a page of docs/.
few_clients()
{
	echo python-psycopg python-sqlalchemy node-pg python-page
}

all_clients()
{
	sed -n 's/^\([a-z]*-[a-z0-9_]*\) .*/\1/p' "$ROOT/test/clients/list.txt"
}

# All, or those that CLIENTS in the environment names.
step_clients()
{
	local clients

	case ${CLIENTS:-all} in
		all) mapfile -t clients < <(all_clients) ;;
		*) read -ra clients <<<"$CLIENTS" ;;
	esac
	run_clients clients "${clients[@]}"
}

step_few_clients()
{
	local clients

	read -ra clients <<<"$(few_clients)"
	run_clients few_clients "${clients[@]}"
}

# run_clients STEP CLIENT...
run_clients()
{
	local step=$1 folder=$WORK/$1/programs client

	shift
	for client in "$@"; do
		[ -n "$(client_field "$client" 2)" ] ||
			die "no client $client: there are $(all_clients | paste -sd ' ')"
	done
	mkdir "$WORK/$step" && cp -R "$ROOT/test/clients" "$folder" || return
	page_programs "$folder" || return
	for client in "$@"; do
		client_needs "$folder" "${client%%-*}" "$(client_field "$client" 2)" ||
			return
	done
	client_server "$step" "$@" || return
	"$ROOT/test/run-tap.pl" --jobs 2 --exec "bash $folder/client.sh" \
		"$WORK/count/$step" "$@" || true
	server_survived "$step"
}

# The programs of docs/clients, put together from the pieces of a page, with what
# it says that they print beside them as LANGUAGE-page.out.
page_programs()
{
	mkdir -p "$1/go/page" "$1/rust/src/bin" &&
		page_program "$1" python python "$1/python/page_.py" &&
		page_program "$1" node js "$1/node/drivers/page.mjs" &&
		page_program "$1" go go "$1/go/page/page.go" &&
		page_program "$1" java java "$1/java/Shop.java" &&
		page_program "$1" rust rust "$1/rust/src/bin/page.rs"
}

# page_program FOLDER PAGE FENCE PROGRAM
page_program()
{
	local page=$ROOT/docs/clients/$2.md

	fenced "$3" <"$page" >"$4" && fenced output <"$page" >"$1/$2-page.out"
}

# The blocks of that kind.
fenced()
{
	awk -v fence="\`\`\`$1" '
		$0 == "```" { inside = 0 }
		inside { print }
		$0 == fence { inside = 1 }'
}

# client_needs FOLDER LANGUAGE PACKAGES: what runs its programs there, as
# FOLDER/LANGUAGE-PACKAGES.run; or why there is nothing, in a file ".skip".
client_needs()
{
	local here=$1/$2-$3

	[ ! -e "$here.run" ] && [ ! -e "$here.skip" ] || return 0
	"need_$2" "$1/$2" "$3" "$here" || {
		warn "the packages $3 for $2 cannot be had"
		return 1
	}
}

# client_field CLIENT N: of its line in the list.
client_field()
{
	awk -v client="$1" -v n="$2" '$1 == client { print $n }' \
		"$ROOT/test/clients/list.txt"
}

# A server that knows a role without rights beside the superuser.  Java speaks
# TCP alone: for it there is a port of this machine, with a password.
client_server()
{
	local folder=$WORK/$1 port=5432 address='' client

	shift
	for client in "$@"; do
		[[ $client != java-* ]] || address=127.0.0.1
	done
	[ -z "$address" ] || port=$(free_port)
	{
		echo 'local all all trust'
		echo 'host all client 127.0.0.1/32 scram-sha-256'
	} >"$folder/hba"
	start_server "$folder" fsync=off "shared_buffers=$(shared_buffers 128)" \
		"hba_file=$folder/hba" "listen_addresses='$address'" "port=$port"
	export PGPORT=$port PGPASSWORD
	PGPASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	psql -qX -v ON_ERROR_STOP=1 \
		-c "CREATE ROLE client LOGIN PASSWORD '$PGPASSWORD'" \
		-c 'CREATE DATABASE probe' || return
	CLIENT_HAS=$(client_probe) || return
	export CLIENT_HAS
}

# One that no other server of this machine listens on now.
free_port()
{
	perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(
		Listen => 1, LocalAddr => "127.0.0.1")->sockport'
}

# What the extension brings of types, access methods and their classes.
client_probe()
{
	psql -qXAt -v ON_ERROR_STOP=1 -d probe <<-'END' | paste -sd ' '
		CREATE EXTENSION vector;
		SELECT amname FROM pg_am WHERE amtype = 'i';
		SELECT t FROM unnest('{halfvec,sparsevec}'::text[]) AS t
		WHERE to_regtype(t) IS NOT NULL;
		SELECT 'bit' WHERE to_regoperator('<~>(bit,bit)') IS NOT NULL;
		SELECT amname || ':' || opcname
		FROM pg_opclass AS o JOIN pg_am AS a ON a.oid = opcmethod
		WHERE amname IN ('ivfflat', 'hnsw');
	END
}

# need_LANGUAGE SOURCES PACKAGES RESULT, for each language.
#
# Wheels for the Python at hand.
need_python()
{
	local python version folder

	python3 -m pip --version >/dev/null 2>&1 || need_packages python3-pip
	python=$(python_with_pip)
	version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
	folder=$CLIENT_CACHE/python$version-$2
	case $version in
		3.11 | 3.12 | 3.13) ;;
		*)
			echo "there are no wheels for Python $version" >"$3.skip"
			return
			;;
	esac
	fetch_once "$folder" "$1/$2.txt" pip_install || return
	echo "PYTHONPATH='$folder' exec $python '$1/'\$1_.py" >"$3.run"
}

# Modules are found from the program's own folder upwards.
need_node()
{
	local folder=$CLIENT_CACHE/node-$2

	if ! { command -v npm && command -v node; } >/dev/null; then
		need_packages nodejs npm
	fi
	# By this machine's own Node.js, which trusts whom the machine trusts.
	fetch_once "$folder" "$1/$2/package-lock.json" npm_install || return
	new_enough_node 22 || return
	ln -s "$folder/node_modules" "$1/$2/node_modules" || return
	echo "PATH='$PATH' exec node '$1/$2/'\$1.mjs" >"$3.run"
}

npm_install()
{
	mkdir -p "$1" &&
		cp "$(dirname "$2")/package.json" "$2" "$1" &&
		npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund \
			--loglevel=error --engine-strict=false
}

# The Go module proxy's modules, then a build without it.
need_go()
{
	local folder=$CLIENT_CACHE/go

	! lacks "$3" go || return 0
	! older "$3" "$(go env GOVERSION | tr -d go)" "$(sed -n 's/^go //p' "$1/go.mod")" ||
		return 0
	export GOTOOLCHAIN=local GOFLAGS='-mod=readonly -modcacherw'
	fetch_once "$folder" "$1/go.sum" go_download || return
	GOMODCACHE=$folder GOCACHE=$folder-build GOPROXY=off \
		go build -C "$1" -o "$1/bin/" ./... || return
	echo "[ \"\$1\" != page ] || exec '$1/bin/page'" >"$3.run"
	echo "exec '$1/bin/clients' \"\$1\"" >>"$3.run"
}

go_download()
{
	GOMODCACHE=$1 go mod download -C "$(dirname "$2")"
}

# Crates in a CARGO_HOME of their own; what they become is kept as well.  A lock
# file names its registry on every other line, so that it is made here, once.
need_rust()
{
	local folder=$CLIENT_CACHE/rust

	! lacks "$3" cargo cc || return 0
	! older "$3" "$(cargo --version | cut -d' ' -f2)" \
		"$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$1/Cargo.toml")" || return 0
	fetch_once "$folder" "$1/Cargo.toml" cargo_fetch || return
	cp "$folder/Cargo.lock" "$1"
	CARGO_HOME=$folder CARGO_TARGET_DIR=$folder-build \
		cargo build --quiet --offline --locked \
		--manifest-path "$1/Cargo.toml" &&
		cp "$folder-build/debug/clients" "$folder-build/debug/page" "$1" || return
	echo "[ \"\$1\" != page ] || exec '$1/page'" >"$3.run"
	echo "exec '$1/clients' \"\$1\"" >>"$3.run"
}

cargo_fetch()
{
	CARGO_HOME=$1 cargo fetch --quiet --manifest-path "$2" &&
		cp "$(dirname "$2")/Cargo.lock" "$1"
}

# Maven brings the jars and does nothing else.
need_java()
{
	local folder=$CLIENT_CACHE/java

	! lacks "$3" javac mvn || return 0
	! older "$3" "$(javac -version 2>&1 | cut -d' ' -f2)" 17 || return 0
	fetch_once "$folder" "$1/pom.xml" mvn_copy || return
	javac -nowarn -d "$1/classes" -cp "$folder/*" "$1"/*.java || return
	{
		echo "[ \"\$1\" = page ] && class=Shop || class=Scenario"
		echo "exec java -XX:TieredStopAtLevel=1 -cp '$1/classes:$folder/*' \$class" \
			"\"\$1\""
	} >"$3.run"
}

mvn_copy()
{
	local status=0

	mvn -q -B --strict-checksums -f "$2" -Dmaven.repo.local="$1.repository" \
		dependency:copy-dependencies -DoutputDirectory="$1" || status=$?
	rm -rf "$1.repository"
	return "$status"
}

# lacks RESULT TOOL...: then nothing runs, and no test fails.
lacks()
{
	local result=$1 tool

	shift
	for tool in "$@"; do
		command -v "$tool" >/dev/null || {
			echo "there is no $tool" >"$result.skip"
			return 0
		}
	done
	return 1
}

# older RESULT VERSION WANTED: likewise.
older()
{
	[ "$(printf '%s\n' "$2" "$3" | sort -V | head -n 1)" != "$3" ] || return 1
	echo "version $2 of the compiler is older than $3" >"$1.skip"
}

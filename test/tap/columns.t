# Conditions on scalar columns of every type find what a sequential scan finds,
# with constants at the ends of types and between their values.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbIndex;

my $node = new_node('columns',
	settings => "jit = off\ntimezone = 'Europe/Berlin'\nlc_monetary = 'C'\n"
	  . "ivfflat.target_recall = 1\n",
	init => { extra => [ '--encoding', 'UTF8', '--locale', 'C' ] });

$node->safe_psql('postgres', <<'SQL');
-- The rows that pass, in order of their number, by the index or without.
CREATE FUNCTION passing(condition text, by_index boolean) RETURNS integer[] LANGUAGE plpgsql AS $$
DECLARE ids integer[];
BEGIN
  PERFORM set_config('enable_seqscan', (NOT by_index)::text, true),
    set_config('enable_indexscan', by_index::text, true);
  EXECUTE format('SELECT array_agg(id ORDER BY id) FROM (SELECT id FROM items WHERE %s
    ORDER BY v <-> ''[1,0.5,0]'' OFFSET 0) AS passing', condition) INTO ids;
  RETURN coalesce(ids, '{}');
END $$;

CREATE FUNCTION is_index_condition(condition text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  PERFORM set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'on', true);
  FOR line IN EXECUTE format('EXPLAIN (COSTS OFF) SELECT id FROM items WHERE %s
    ORDER BY v <-> ''[1,0.5,0]''', condition) LOOP
    IF line ~ 'Index Cond' THEN RETURN true; END IF;
  END LOOP;
  RETURN false;
END $$;

-- Conditions with constants of some types: those cast from the values, and others
-- where the type has them.
CREATE FUNCTION conditions(vals text[], operators text[], types text[], others text[]) RETURNS SETOF text
  LANGUAGE plpgsql AS $$
DECLARE
  constant text;
  type text;
  fit text[];
BEGIN
  FOREACH type IN ARRAY types LOOP
    fit := '{NULL}';
    FOREACH constant IN ARRAY vals || others LOOP
      BEGIN
        EXECUTE format('SELECT %L::%s', constant, type);
      EXCEPTION WHEN data_exception THEN
        CONTINUE;
      END;
      fit := fit || constant;
      RETURN QUERY SELECT format('x %s %L::%s', operator, constant, type) FROM unnest(operators) AS operator;
    END LOOP;
    IF type !~ ']$' THEN
      RETURN QUERY SELECT format('x %s ANY (%L::%s[])', operator, fit[begin:begin + 2], type)
        FROM unnest(operators) AS operator, generate_series(1, cardinality(fit), 2) AS begin;
    END IF;
  END LOOP;
  RETURN QUERY SELECT unnest(ARRAY['x IS NULL', 'x IS NOT NULL', 'x IS NULL AND x IS NOT NULL',
    'x IS NULL AND v IS NULL', 'x IS NOT NULL AND v IS NOT NULL']);
END $$;

-- Values in lists that were built, and in lists that were filled later; some are NULL.
CREATE FUNCTION make_items(type text, vals text[], method text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('DROP TABLE IF EXISTS items; CREATE TABLE items (id integer, v vector(3), x %s)', type);
  FOR part IN 0..1 LOOP
    EXECUTE format('INSERT INTO items SELECT i,
      CASE WHEN i %% 50 > 1 THEN ARRAY[sin(i), cos(i * 7), sin(i * i)]::vector END,
      CASE WHEN i %% 7 > 0 THEN ($1)[i %% cardinality($1) + 1]::%s END
      FROM generate_series($2 * 300 + 1, $2 * 300 + 300) AS i', type) USING vals, part;
    IF part = 0 THEN
      EXECUTE format('CREATE INDEX ON items USING %s (v vector_l2_ops, x) %s', method,
        CASE method WHEN 'ivfflat' THEN 'WITH (lists = 9)' END);
    END IF;
  END LOOP;
END $$;

CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
ALTER TYPE mood ADD VALUE 'so so' BEFORE 'ok';
CREATE DOMAIN percent AS integer CHECK (VALUE <= 100);
SQL

# Type, operators, types of constants, values, further constants.
my $order = '<,<=,=,>=,>';
my $integers = 'int2,int4,int8';
my $beyond = '-9223372036854775808,9223372036854775807,-2147483649,2147483648,-32769,32768';
my $floats = 'float4,float8';
my $times = 'date,timestamp,timestamptz';
my $nights = '2024-03-31 02:30,2024-10-27 02:59:59,2024-03-31 00:59:59.999999Z,'
  . '2024-10-27 00:30Z,2024-10-27 01:30Z,2024-05-05,4714-11-24 BC,294276-12-31,5874897-12-31';
my @types = (
	[ 'int2', $order, $integers, '-32768,-32767,-1,0,1,2,32766,32767', $beyond ],
	[ 'int4', $order, $integers, '-2147483648,-2147483647,-1,0,1,2,2147483646,2147483647', $beyond ],
	[ 'int8', $order, $integers, '-9223372036854775808,-9223372036854775807,-1,0,1,9223372036854775807', $beyond ],
	[ 'percent', $order, 'int4', '-2147483648,0,1,100' ],

	# Zeros and NaN; 0.1 lies between floats.
	[ 'float4', $order, $floats, '-inf,-1e38,-1,-0,0,1e-45,0.1,16777216,inf,nan', '0.1,16777217,1e300,-1e300,1e-300' ],
	[ 'float8', $order, $floats, '-inf,-1e308,-1,-0,0,5e-324,0.1,inf,nan', '0.10000000000000001' ],

	# Several of them become one key, and are told apart.
	[ 'numeric', $order, 'numeric', '-1e400,-1,-1e-400,0,0.0,0.1,0.10000000000000000001,1e400,nan' ],
	[ 'numeric(20,2)', $order, 'numeric', '-1,0,0.10,99999999999999999.98,99999999999999999.99' ],
	[ 'interval', $order, 'interval',
	  '-1 day,-1 us,0,1 us,2 us,24 hours,1 day,30 days,1 month,-1 month 30 days,178000000 years,-178000000 years' ],
	[ 'timetz', $order, 'timetz', '00:00+00,00:00-01,01:00+01,23:59:59.999999-15,24:00+15' ],

	# Clocks are changed on two of the nights, and one calendar is longer.
	[ 'date', $order, $times, '-infinity,4713-01-01 BC,2024-03-31,2024-10-27,5874897-12-31,infinity', $nights ],
	[ 'timestamp', $order, $times,
	  '-infinity,4713-01-01 BC,2024-03-31 01:59,2024-03-31 02:30,2024-03-31 03:00,2024-10-27 02:30,2024-10-27 03:00,infinity',
	  $nights ],
	[ 'timestamptz', $order, $times,
	  '-infinity,4713-01-01 BC,2024-03-31 00:59Z,2024-03-31 01:00Z,2024-10-27 00:30Z,2024-10-27 01:30Z,infinity', $nights ],

	[ 'time', $order, 'time', '00:00,00:00:00.000001,23:59:59,24:00' ],
	[ 'bool', $order, 'bool', 't,f' ],
	[ '"char"', $order, '"char"', 'a,b,\\200' ],
	[ 'oid', $order, 'oid', '0,1,2147483648,4294967295' ],
	[ 'money', $order, 'money', '-92233720368547758.08,0,1.25,92233720368547758.07' ],
	[ 'pg_lsn', $order, 'pg_lsn', '0/0,1/0,FFFFFFFF/FFFFFFFF' ],
	[ 'xid8', $order, 'xid8', '0,1,18446744073709551615' ],
	[ 'macaddr', $order, 'macaddr', '00:00:00:00:00:00,80:00:00:00:00:00,01:02:03:04:05:06,ff:ff:ff:ff:ff:ff' ],
	[ 'macaddr8', $order, 'macaddr8', '00:00:00:00:00:00:00:00,80:00:00:00:00:00:00:00,ff:ff:ff:ff:ff:ff:ff:ff' ],

	# By hash: two of the texts have the same one.
	[ 'text', '=', 'text', '15601,180514,a,A,a ' ],
	[ 'varchar(9)', '=', 'text', '15601,180514,a,A,a ' ],
	[ 'char(9)', '=', 'bpchar', '15601,180514,a,a ,b' ],
	[ 'name', '=', 'name', '15601,180514,a' ],
	[ 'bytea', '=', 'bytea', '\\x,\\x00,\\xff' ],
	[ 'uuid', '=', 'uuid', '00000000-0000-0000-0000-000000000000,00000000-0000-0000-0000-000000000001' ],
	[ 'jsonb', '=', 'jsonb', '1,1.0,"a",[],{"k": [1]}' ],
	[ 'inet', '=', 'inet', '10.0.0.1,10.0.0.1/24,::1' ],
	[ 'cidr', '=', 'inet', '10.0.0.0/24,10.0.0.0/25,::/64' ],
	[ 'mood', '=', 'mood', 'sad,ok,happy,so so' ],
	[ 'int4[]', '=', 'int4[]', '{},{1},{NULL},{{1}}' ],
	[ 'text[]', '=', 'text[]', '{},{15601},{180514}' ],
	[ 'int4range', '=', 'int4range', 'empty,[7%2C9)' ],
	[ 'tid', '=', 'tid', '(0%2C1),(4294967295%2C65535)' ]);

# A row's list as an array of SQL; %2C is a comma in it.
sub array
{
	my ($list) = @_;

	return 'ARRAY[' . join(',', map { s/%2C/,/gr } map { "'$_'" }
		  split(/,/, $list // '')) . ']::text[]';
}

# Every condition of a row, by an index of the method.
sub compare
{
	my ($row, $method, $settings) = @_;
	my ($type, $operators, $constants, $values, $others) = @$row;
	my ($count, $indexed, $rows, $wrong) = split /\|/, $node->safe_psql('postgres',
		sprintf($settings . q{
			SELECT make_items('%s', %s, '%s');
			SELECT count(*), count(*) FILTER (WHERE is_index_condition(c)), sum(cardinality(a)),
				string_agg(c || ': ' || cardinality(a) || ' instead of ' || cardinality(b), '; ')
					FILTER (WHERE a <> b)
			FROM conditions(%s, %s, %s, %s) AS c, passing(c, true) AS a, passing(c, false) AS b},
			$type, array($values), $method, array($values), array($operators),
			array($constants), array($others))) =~ s/^\n//r;

	is($wrong, '', "$type by $method: $count conditions, $rows rows");
	is($indexed, $count, 'all are of the index');
	return;
}

is($node->safe_psql('postgres', "SELECT hashtext('15601') = hashtext('180514')"),
	't', 'two texts have the same hash');
my $number = 0;
compare($_, $number++ % 2 ? 'hnsw' : 'ivfflat', '') foreach @types;

# A day that was left out: on its ends, local times go back by a day.
compare([ $_, $order, $times, '2011-12-29 10:00,2011-12-30 10:00,2011-12-31 10:00',
		'2011-12-30 09:00Z,2011-12-30 10:00Z,2011-12-29' ],
	'ivfflat', "SET timezone = 'Pacific/Apia';")
  foreach 'timestamp', 'date';

# Strings that are equal and not the same.
SKIP:
{
	my ($status) = $node->psql('postgres', "CREATE COLLATION no_case (provider = icu,
		locale = 'und-u-ks-level2', deterministic = false)");

	skip 'no ICU', 2 if $status != 0;
	compare([ 'text COLLATE no_case', '=', 'text', 'a,A,b,B,ä,Ä' ], 'ivfflat', '');
}

$node->stop;
done_testing();

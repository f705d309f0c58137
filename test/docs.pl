#!/usr/bin/perl
#
# docs.pl: run the SQL of a page of the documents, as TAP.
#
#   docs.pl PAGE.md
#
# All blocks "```sql" of a page run in one session of psql, in a database of the
# page's own.  A block "```output" after one is what psql must print, but for
# spaces at the ends of lines and what differs between majors; without it there must be no error.  What readers
# need not see is a comment:
#
#   <!-- run          statements that run at this place
#   ... -->
#   <!-- $1 = '[1,2,3]' -->    what stands for $1 from here on
#   <!-- skip: reason -->      the next block is not run
#   <!-- shell -->             blocks "```sh" from here on are run too, in a folder
#                              of the page's own
#
# PGHOST and PGUSER lead to the server; the extension is created, unless the page
# does so itself.
use strict;
use warnings;

my ($page) = @ARGV;
die "usage: $0 PAGE.md\n" unless defined $page;
my $name = 'docs_' . ($page =~ s{.*/}{}r =~ s{\.md$}{}r =~ s{\W}{_}gr =~ tr/A-Z/a-z/r);

my @blocks = read_page($page);
unless (@blocks)
{
	print "1..0 # SKIP no SQL in $page\n";
	exit;
}
my @printed = run_blocks(@blocks);
print '1..', scalar @blocks, "\n";
report($_ + 1, $blocks[$_], $printed[$_]) foreach 0 .. $#blocks;

# The page's blocks: line, sql, and output where it is given.
sub read_page
{
	my ($path) = @_;
	my (@found, %value, $skip, $shell, $last);

	open(my $in, '<', $path) or die "$0: cannot read $path: $!\n";
	while (my $row = <$in>)
	{
		$value{$1} = $2 if $row =~ /^<!-- (\$\d+) = (.*) -->/;
		$skip = 1 if $row =~ /^<!-- skip: /;
		$shell = 1 if $row =~ /^<!-- shell -->/;
		my ($kind, $end) =
		    $row =~ /^```(\w*)$/ ? ($1, qr/^```$/)
		  : $row =~ /^<!-- run$/ ? ('run', qr/^-->$/)
		  : next;
		my $line = $.;
		my $text = read_until($in, $end);
		if ($kind eq 'output')
		{
			$last->{output} = $text if $last;
		}
		elsif ($kind eq 'run' || ($kind eq 'sql' && !$skip))
		{
			$text =~ s/(\$\d+)\b/$value{$1} \/\/ $1/ge if $kind eq 'sql';
			$last = { line => $line, sql => $text };
			push @found, $last;
		}
		elsif ($kind eq 'sh' && $shell && !$skip)
		{
			$last = { line => $line, sql => shell_block($line, $text) };
			push @found, $last;
		}
		else
		{
			$last = undef;
		}
		$skip = 0;
	}
	return @found;
}

# A block of shell commands as a statement of psql.
sub shell_block
{
	my ($line, $text) = @_;
	my $folder = "$ENV{TMPDIR}/$name";
	my $script = "$folder/line$line.sh";

	mkdir $folder;
	open(my $out, '>', $script) or die "$0: cannot write $script: $!\n";
	print $out $text;
	close($out);
	return "\\! cd '$folder' && PGDATABASE=$name sh -e '$script' 2>&1"
	  . ' || echo "ERROR:  exit status $?"' . "\n";
}

sub read_until
{
	my ($in, $end) = @_;
	my $text = '';

	while (my $row = <$in>)
	{
		last if $row =~ $end;
		$text .= $row;
	}
	return $text;
}

# What psql prints for each of them.
sub run_blocks
{
	my (@run) = @_;
	my $mark = 'docs.pl: end of a block';
	my $sql = join '', map { "$_->{sql}\n\\echo $mark\n" } @run;
	my $script = "$ENV{TMPDIR}/$name.sql";

	system('psql', '-qX', '-d', 'postgres', '-c', "CREATE DATABASE $name") == 0
	  or die "$0: no database\n";
	$sql = "CREATE EXTENSION vecdb;\n$sql" unless $sql =~ /CREATE EXTENSION/;
	open(my $out, '>', $script) or die "$0: cannot write $script: $!\n";
	print $out $sql;
	close($out);
	my $printed = `psql -qX -d $name <$script 2>&1`;
	return split /^\Q$mark\E\n/m, $printed, -1;
}

sub report
{
	my ($number, $block, $got) = @_;
	my $right;

	$got = trim($got // "nothing, since psql ended before\n");
	if (defined $block->{output})
	{
		$right = alike($got) eq alike(trim($block->{output}));
	}
	else
	{
		$right = $got !~ /^(?:ERROR|FATAL|PANIC|nothing, since)/m;
	}
	print $right ? 'ok' : 'not ok', " $number - $page, line $block->{line}\n";
	print map { "# $_\n" } 'printed:', split(/\n/, $got) unless $right;
}

# Plans as 17 and later print them; the widths of columns follow from that.  Times
# of the client program are not compared.
sub alike
{
	my ($text) = @_;

	$text =~ s/ in [\d.]+ (?:ms|s \([\d,]+ rows\/s\))/ in .../g;
	$text =~ s/InitPlan 1 \(returns \$0\)/InitPlan 1/g;
	$text =~ s/\$0\b/(InitPlan 1).col1/g;
	$text =~ s/^ +QUERY PLAN$/QUERY PLAN/mg;
	$text =~ s/^---+$/---/mg;
	return $text;
}

sub trim
{
	my ($text) = @_;

	$text =~ s/[ \t]+$//mg;
	$text =~ s/^\n+|\n+$//g;
	return $text;
}

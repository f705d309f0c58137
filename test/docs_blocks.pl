#!/usr/bin/perl
#
# docs_blocks.pl: what a page shows beside its SQL, as TAP: commands, programs,
# configuration, output.
#
#   docs_blocks.pl PAGE.md
#
# docs.pl runs the blocks "```sql".  Each other block, fenced or indented, has its
# row in docs.txt, found by the start of its first line:
#
#   page | start of the first line | run SETUP      run here by bash, after docs/SETUP.sh
#   page | start of the first line | by TEST        run there, in this form
#   page | start of the first line | not REASON     not run
#
# A page's last row may be "*", for all others.  A block without a row fails, and
# so does a row without a block.  Blocks are run in a folder of their own that has
# the tree's deploy/, on the server that PGHOST and PGUSER lead to.
use strict;
use warnings;
use File::Temp 'tempdir';
use FindBin;

my ($page) = @ARGV;
die "usage: $0 PAGE.md\n" unless defined $page;
my @rows = read_rows($page);
my @blocks = read_blocks($page);
my $number = 0;

foreach my $block (@blocks)
{
	my ($row) = grep { $_->{start} eq '*' || index($block->{text}, $_->{start}) == 0 } @rows;
	my $name = "line $block->{line}: " . (split /\n/, $block->{text})[0];

	$row->{used} = 1 if $row;
	if (!$row)
	{
		report(0, "$name: is neither run nor in docs.txt");
	}
	elsif ($row->{how} =~ /^run (\w+)$/)
	{
		run_block($name, "$FindBin::RealBin/docs/$1.sh", $block->{text});
	}
	elsif ($row->{how} !~ /^(?:by|not) \S/)
	{
		report(0, "$name: docs.txt says neither run, by nor not");
	}
}
report(!scalar(grep { !$_->{used} } @rows), 'each row of docs.txt has its block',
	map { "no block begins with: $_->{start}" } grep { !$_->{used} } @rows);
print "1..$number\n";

sub report
{
	my ($right, $name, @said) = @_;

	$number++;
	print $right ? 'ok' : 'not ok', " $number - $page, $name\n";
	print map { "# $_\n" } @said unless $right;
	return;
}

sub read_rows
{
	my ($wanted) = @_;
	my @found;

	open(my $in, '<', "$FindBin::RealBin/docs.txt") or die "$0: no docs.txt: $!\n";
	while (my $row = <$in>)
	{
		next if $row =~ /^(?:#|$)/;
		chomp $row;
		my ($of, $start, $how) = split / +\| +/, $row, 3;
		die "$0: docs.txt, line $.: three columns are missing\n" unless defined $how;
		push @found, { start => $start, how => $how } if $of eq $wanted;
	}
	return @found;
}

# What is not SQL nor what SQL prints; an indented block begins after an empty line.
sub read_blocks
{
	my ($path) = @_;
	my (@found, $in_comment, $fence, $open);
	my $empty = 1;

	open(my $in, '<', $path) or die "$0: cannot read $path: $!\n";
	while (my $row = <$in>)
	{
		if (defined $fence)
		{
			($fence, $open) = (undef, undef) if $row =~ /^ *```$/;
			$open->{text} .= $row if $open;
		}
		elsif ($in_comment || $row =~ /^<!--/)
		{
			$in_comment = $row !~ /-->/;
		}
		elsif ($row =~ /^ *```(\w*)$/)
		{
			$fence = $1;
			$open = $fence =~ /^(?:sql|output)$/ ? undef : { line => $., text => '' };
			push @found, $open if $open;
		}
		elsif ($row =~ /^ {4,}(\S.*)$/s && ($open || $empty))
		{
			push @found, $open = { line => $., text => '' } unless $open;
			$open->{text} .= $row =~ s/^ {4}//r;
		}
		elsif ($row =~ /\S/)
		{
			$open = undef;
		}
		$empty = $row !~ /\S/;
	}
	$_->{text} =~ s/^ +// foreach @found;
	return @found;
}

sub run_block
{
	my ($name, $setup, $text) = @_;
	my $folder = tempdir(CLEANUP => 1);
	my $out = "$folder/.said";

	symlink("$FindBin::RealBin/../deploy", "$folder/deploy");
	open(my $script, '>', "$folder/.script") or die "$0: no script: $!\n";
	print $script "set -eu\ncd '$folder'\n. '$setup'\nset -x\n$text";
	close($script);
	my $status = system("timeout 300 bash '$folder/.script' >'$out' 2>&1");
	open(my $said, '<', $out) or die "$0: nothing said: $!\n";
	report($status == 0, "$name: runs", map { chomp; $_ } <$said>);
	return;
}

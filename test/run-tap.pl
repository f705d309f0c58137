#!/usr/bin/perl
#
# run-tap.pl: run programs that print TAP and write down how many tests passed
# and failed.
#
#   run-tap.pl [--jobs N] [--exec COMMAND] COUNTS PROGRAM...
#
# The report goes to standard output.  The file COUNTS gets one line, "passed
# failed".  A program that dies, or runs other than the number of tests that it
# planned, counts as one failure more, so that it cannot pass unnoticed.
use strict;
use warnings;
use Getopt::Long;
use TAP::Harness;

my ($jobs, $exec) = (1, undef);
GetOptions('jobs=i' => \$jobs, 'exec=s' => \$exec)
  or die "usage: $0 [--jobs N] [--exec COMMAND] COUNTS PROGRAM...\n";
my ($counts, @programs) = @ARGV;
die "$0: no counts file\n" unless defined $counts;

my $harness = TAP::Harness->new(
	{
		jobs => $jobs,
		failures => 1,
		comments => 1,
		timer => 1,
		exec => defined $exec ? [ split ' ', $exec ] : [],
	});
my $result = $harness->runtests(map { [ $_, $_ =~ s{.*/}{}r ] } @programs);
my ($passed, $failed) = (scalar $result->passed, scalar $result->failed);
foreach my $parser ($result->parsers)
{
	next unless $parser->has_problems;
	$failed++ if !$parser->failed || $parser->parse_errors;
}

open(my $out, '>', $counts) or die "$0: cannot write $counts: $!\n";
print $out "$passed $failed\n";
close($out) or die "$0: cannot write $counts: $!\n";
exit($failed > 0);

#!/usr/bin/perl
#
# run-tap.pl: run programs that print TAP and write down how many tests passed
# and failed.
#
#   run-tap.pl [--jobs N] [--exec COMMAND] COUNTS PROGRAM...
#
# The report goes to standard output.  The file COUNTS gets one line, "passed
# failed".  A program that dies, or runs other than the number of tests that it
# planned, counts as one failure more, so that it cannot pass unnoticed.  The
# report's last lines, "not ok: PROGRAM: TEST", name what failed.
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
my %failures;	# of each program, the names of its tests
$harness->callback(
	made_parser => sub {
		my ($parser, $job) = @_;
		$parser->callback(
			test => sub {
				my $test = shift;
				push @{ $failures{ $job->[1] } },
				  $test->number . ' ' . $test->description
				  unless $test->is_ok;
			});
	});
my $result = $harness->runtests(map { [ $_, $_ =~ s{.*/}{}r ] } @programs);
my ($passed, $failed) = (scalar $result->passed, scalar $result->failed);
foreach my $program ($result->descriptions)
{
	my ($parser) = $result->parsers($program);
	next unless $parser->has_problems;
	if (!$parser->failed || $parser->parse_errors)
	{
		$failed++;
		push @{ $failures{$program} }, flaw($parser);
	}
	print "not ok: $program: $_\n" foreach @{ $failures{$program} };
}

open(my $out, '>', $counts) or die "$0: cannot write $counts: $!\n";
print $out "$passed $failed\n";
close($out) or die "$0: cannot write $counts: $!\n";
exit($failed > 0);

# What is wrong with a program beside its tests.
sub flaw
{
	my ($parser) = @_;
	my ($error) = $parser->parse_errors;

	return $error if defined $error;
	return 'ended by signal ' . ($parser->wait & 127) if $parser->wait & 127;
	return 'ended with status ' . $parser->exit;
}

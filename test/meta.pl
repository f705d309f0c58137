#!/usr/bin/perl
#
# meta.pl: META.json has what PGXN asks of every distribution, as TAP, and names
# files that are there.
#
#   meta.pl [FOLDER]
#
# The rules are those of https://pgxn.org/spec/ that this file can break;
# "./dev test pgxn" asks PGXN's own validator.
use strict;
use warnings;
use FindBin;
use JSON::PP;
use Test::More;

my $folder = shift // "$FindBin::RealBin/..";
open(my $in, '<:raw', "$folder/META.json") or die "$0: no META.json: $!\n";
my $meta = eval { JSON::PP->new->utf8->decode(join '', <$in>) };
ok($meta, 'it is JSON') or BAIL_OUT($@);

# Of version 1.0.0 of the specification.
my $semver = qr/^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-?[a-zA-Z][-0-9A-Za-z]*)?$/;
my $term = qr/^[^\s\/\\\x00-\x1f\x7f]{2,}$/;
my @licenses = qw(agpl_3 apache_1_1 apache_2_0 artistic_1 artistic_2 bsd freebsd gfdl_1_2
  gfdl_1_3 gpl_1 gpl_2 gpl_3 lgpl_2_1 lgpl_3_0 mit mozilla_1_0 mozilla_1_1 openssl perl_5
  postgresql qpl_1_0 ssleay sun zlib open_source restricted unrestricted unknown);
my %known = map { $_ => 1 } qw(name abstract description version maintainer license provides
  prereqs release_status generated_by meta-spec tags resources no_index);

like($meta->{name} // '', $term, 'it has a name');
like($meta->{version} // '', $semver, 'a semantic version');
ok(length($meta->{abstract} // ''), 'an abstract');
ok(scalar(grep { length } @{ $meta->{maintainer} // [] }), 'maintainers');
ok(scalar(grep { $_ eq ($meta->{license} // '') } @licenses), 'a licence that PGXN knows');
like($meta->{'meta-spec'}{version} // '', qr/^1\.0\.\d+$/, 'the version of the specification');
is(join(' ', grep { !$known{$_} && !/^x_/i } sort keys %$meta), '', 'no key that PGXN does not know');
is(join(' ', grep { !/^(?!.*[\/\\\x00-\x1f]).{1,255}$/ } @{ $meta->{tags} // [] }), '',
	'tags of a form that it takes');
ok(scalar(keys %{ $meta->{provides} // {} }), 'it provides something');
foreach my $name (sort keys %{ $meta->{provides} // {} })
{
	my $one = $meta->{provides}{$name};

	like($one->{version} // '', $semver, "$name has a semantic version");
	ok(-r "$folder/" . ($one->{file} // 'none'), "$name has its file");
	ok(!defined $one->{docfile} || -r "$folder/$one->{docfile}", "$name has its document");
}
foreach my $phase (sort keys %{ $meta->{prereqs} // {} })
{
	my %needs = map { %$_ } values %{ $meta->{prereqs}{$phase} };

	like($phase, qr/^(?:configure|build|test|runtime|develop)$/, "phase $phase");
	is(join(' ', grep { $needs{$_} ne '0' && $needs{$_} !~ /^(?:[<>=!]+ *)?\d+\.\d+\.\d+/ }
			sort keys %needs), '', "what $phase needs has semantic versions");
}
done_testing();

#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
#
# Make a MaxMind DB from ranges of addresses:
#
#   mkmmdb.pl asn OUTPUT FILE...      first,last,number,name
#   mkmmdb.pl country OUTPUT FILE...  first,last,code
#
# A range is two addresses of one family, both included; a name may be quoted
# as in RFC 4180. OUTPUT appears whole or not at all. The field names are those
# of GeoLite2.

use strict;
use warnings;
use MaxMind::DB::Writer::Tree;

my %types = (
    asn => {
        name   => 'egress25-ASN',
        fields => {
            autonomous_system_number       => 'uint32',
            autonomous_system_organization => 'utf8_string',
        },
        read => \&read_asn,
    },
    country => {
        name   => 'egress25-Country',
        fields => { country => 'map', iso_code => 'utf8_string' },
        read   => \&read_country,
    },
);

sub unquote {
    my ($text) = @_;
    if ($text =~ /^"(.*)"$/s) {
        $text = $1;
        $text =~ s/""/"/g;
    }
    return $text;
}

sub read_asn {
    my ($rest) = @_;
    my ($number, $name) = $rest =~ /^(\d+),(.*)$/ or return;
    return if $number > 4294967295;
    return {
        autonomous_system_number       => $number,
        autonomous_system_organization => unquote($name),
    };
}

sub read_country {
    my ($rest) = @_;
    my ($code) = $rest =~ /^([A-Z]{2})$/ or return;
    return { country => { iso_code => $code } };
}

# Say how far it is, at most once in two seconds, where a person looks on.
my $said = time;

sub progress {
    my ($file, $done) = @_;
    return if time - $said < 2;
    $said = time;
    printf STDERR "%s: %d%%\n", $file, 100 * $done / ((-s $file) || 1);
}

sub insert_file {
    my ($tree, $read, $file) = @_;
    open(my $in, '<:encoding(UTF-8)', $file)
        or die "mkmmdb: $file: $!\n";
    while (my $line = <$in>) {
        $line =~ s/\r?\n\z//;
        next if $line eq '';
        my ($first, $last, $rest) = split /,/, $line, 3;
        my $data = defined $rest ? $read->($rest) : undef;
        die "mkmmdb: $file:$.: not a range: $line\n" unless $data;
        die "mkmmdb: $file:$.: two families: $line\n"
            if ($first =~ /:/) != ($last =~ /:/);
        eval { $tree->insert_range($first, $last, $data); 1 }
            or die "mkmmdb: $file:$.: $first to $last: $@";
        progress($file, tell $in) unless $. % 4096;
    }
    close $in;
}

my ($type, $output, @files) = @ARGV;
my $kind = defined $type ? $types{$type} : undef;
die "usage: mkmmdb.pl asn|country OUTPUT FILE...\n" unless $kind && @files;

# Documentation and benchmarking ranges are wanted: the lab is made of them.
my $tree = MaxMind::DB::Writer::Tree->new(
    ip_version               => 6,
    record_size              => 28,
    database_type            => $kind->{name},
    languages                => ['en'],
    description              => { en => 'made by egress25 from ranges' },
    remove_reserved_networks => 0,
    map_key_type_callback    => sub { $kind->{fields}{ $_[0] } },
);
insert_file($tree, $kind->{read}, $_) for @files;

print STDERR "$output: writing\n";
open(my $out, '>:raw', "$output.new") or die "mkmmdb: $output.new: $!\n";
$tree->write_tree($out);
close $out or die "mkmmdb: $output.new: $!\n";
rename "$output.new", $output or die "mkmmdb: $output: $!\n";

#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
#
# flavours.pl FOLDER: small MaxMind DBs in the ways that builders name their
# fields, and two files that are none. All say that 192.0.2.0/24 and
# 2001:db8::/32 are AS64500 "Example" in DE.

use strict;
use warnings;
use MaxMind::DB::Writer::Tree;

my ($folder) = @ARGV;

my %flavours = (
    'asn-geolite' => {
        autonomous_system_number       => 64500,
        autonomous_system_organization => 'Example',
    },
    'asn-number' => { asn => 64500,     name         => 'Example' },
    'asn-text'   => { asn => 'AS64500', organization => 'Example' },
    'asn-other'  => { asn => 64501,     name         => 'Other' },
    'country-geolite' => { country => { iso_code => 'DE' } },
    'country-registered' =>
        { registered_country => { iso_code => 'DE' } },
    'country-code' => { country_code => 'DE' },
    'country-text' => { country      => 'DE' },
    'country-odd'  => { country      => 'Germany' },
);

for my $name (sort keys %flavours) {
    my $tree = MaxMind::DB::Writer::Tree->new(
        ip_version            => 6,
        record_size           => 24,
        database_type         => $name,
        languages             => ['en'],
        description           => { en => $name },
        remove_reserved_networks => 0,
        map_key_type_callback => sub {
            my ($key) = @_;
            return 'map' if $key =~ /country$/ && ref $flavours{$name}{$key};
            return $name =~ /text/ || $key ne 'asn' && $key !~ /number/
                ? 'utf8_string'
                : 'uint32';
        },
    );
    $tree->insert_network($_, $flavours{$name})
        for '192.0.2.0/24', '2001:db8::/32';
    open my $out, '>:raw', "$folder/$name.mmdb" or die $!;
    $tree->write_tree($out);
    close $out or die $!;
}

open my $whole, '<:raw', "$folder/asn-geolite.mmdb" or die $!;
my $bytes = do { local $/; <$whole> };
open my $half, '>:raw', "$folder/truncated.mmdb" or die $!;
print $half substr $bytes, 0, length($bytes) / 2;
close $half or die $!;
open my $garbage, '>:raw', "$folder/garbage.mmdb" or die $!;
print $garbage "this is no database\n" x 100;
close $garbage or die $!;
open my $done, '>', "$folder/done" or die $!;
close $done or die $!;

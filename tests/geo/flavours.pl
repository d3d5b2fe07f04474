#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
#
# flavours.pl FOLDER: tiny MaxMind DB files, each with the field names of one
# builder, for the tests.

use strict;
use warnings;
use MaxMind::DB::Writer::Tree;

my %types = (
    as_number                      => 'uint32',
    asn                            => 'uint32',
    autonomous_system_number       => 'uint32',
    autonomous_system_organization => 'utf8_string',
    country                        => 'map',
    country_code                   => 'utf8_string',
    iso_code                       => 'utf8_string',
    name                           => 'utf8_string',
    org                            => 'utf8_string',
    organization                   => 'utf8_string',
    as_name                        => 'utf8_string',
    registered_country             => 'map',
    continent                      => 'map',
    code                           => 'utf8_string',
    traits                         => 'map',
);
my $long = 'Netz der Gemeinden ' . "\x{fc}" x 100;

# File => [overriding types, prefix => record ...]
my %files = (
    'geolite2-asn' => [
        {},
        '192.0.2.0/24' => {
            autonomous_system_number       => 64496,
            autonomous_system_organization => 'EXAMPLE-NET',
        },
        '2001:db8::/32' => {
            autonomous_system_number       => 4294967294,
            autonomous_system_organization => $long,
        },
        '198.51.100.0/25' => { autonomous_system_number => 64497 },
    ],
    'as-number' =>
        [ {}, '192.0.2.0/24' => { as_number => 64498, organization => 'o' } ],
    'asn-uint' =>
        [ {}, '192.0.2.0/24' => { asn => 64499, name => 'n' } ],
    'asn-text' => [
        { asn => 'utf8_string', country => 'utf8_string' },
        '192.0.2.0/25' =>
            { asn => 'AS64500', as_name => 'n', country => 'de' },
        '192.0.2.128/25' => { asn => '64501',        country => 'Germany' },
        '198.51.100.0/25' => { asn => 'AS4294967296', country => '49' },
        '198.51.100.128/25' => { asn => 'AS', country => '' },
        '203.0.113.0/25'    => { asn => '-5', country => 'D1' },
        '203.0.113.128/25'  => { asn => 'AS64500x' },
    ],
    'asn-other' => [
        { asn => 'uint64', country_code => 'uint32' },
        '192.0.2.0/25' => { asn => 64502, country_code => 276 },
        '192.0.2.128/25' =>
            { asn => '4294967296', country_code => 1, org => 'o' },
    ],
    'asn-map' =>
        [ { asn => 'map' }, '192.0.2.0/24' => { asn => { code => '1' } } ],
    'country' => [
        {},
        '192.0.2.0/24'  => { country            => { iso_code => 'DE' } },
        '2001:db8::/32' => { registered_country => { iso_code => 'JP' } },
        '198.51.100.0/24' => {
            country            => { iso_code => 'NL' },
            registered_country => { iso_code => 'US' },
        },
        '203.0.113.0/24' => { continent => { code => 'EU' } },
    ],
    'spread-asn' => [
        {},
        '192.0.2.0/25'    => { asn => 64496 },
        '192.0.2.128/25'  => { asn => 64497 },
        '198.51.100.0/24' => { asn => 64496 },
        '203.0.113.0/24'  => { asn => 64498 },
        '2001:db8::/32'   => { asn => 64499 },
        '2002::/16'       => { asn => 64500 },
        '2001::/32'       => { asn => 64501 },
    ],
    'spread-country' => [
        {},
        '192.0.2.0/24'        => { country_code => 'DE' },
        '198.51.100.0/25'     => { country_code => 'DE' },
        '198.51.100.128/25'   => { country_code => 'NL' },
        '2001:db8::/33'       => { country_code => 'JP' },
        '2001:db8:8000::/33'  => { country_code => 'DE' },
        '2002::/16'           => { country_code => 'FR' },
        '2001::/32'           => { country_code => 'FR' },
    ],
    'country-code' => [ {}, '192.0.2.0/24' => { country_code => 'FR' } ],
);

my ($folder) = @ARGV;
die "usage: flavours.pl FOLDER\n" unless defined $folder;

sub make {
    my ($name, $version, $overriding, @records) = @_;
    my %own  = (%types, %$overriding);
    my $tree = MaxMind::DB::Writer::Tree->new(
        ip_version               => $version,
        record_size              => 24,
        database_type            => 'egress25-test',
        languages                => ['en'],
        description              => { en => 'for tests' },
        remove_reserved_networks => 0,
        map_key_type_callback    => sub { $own{ $_[0] } },
    );
    while (my ($prefix, $record) = splice @records, 0, 2) {
        next if $version == 4 && $prefix =~ /:/;
        $tree->insert_network($prefix, $record);
    }
    open(my $out, '>:raw', "$folder/$name.mmdb") or die "$name: $!\n";
    $tree->write_tree($out);
    close $out or die "$name: $!\n";
}

make($_, 6, @{ $files{$_} }) for sort keys %files;
make('v4-only', 4, @{ $files{'geolite2-asn'} });

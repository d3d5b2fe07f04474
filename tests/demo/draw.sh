#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# draw.sh DEMO FOLDER NETWORKS PORT: a made-up fleet's collector, ready to
# serve FOLDER/collector.conf on that port of this machine, and what it has to
# say to operators on the next one. DEMO is the program beside this script.
set -euo pipefail

demo=$1 folder=$2 networks=$3 port=$4
geo=$(dirname "$(readlink -f "$0")")/../../collector/geo

rm -rf "$folder"
mkdir -p -m 700 "$folder"
for kind in asn country; do
	"$demo" "$kind" "$networks" >"$folder/$kind.csv"
	"$geo/mkmmdb.pl" "$kind" "$folder/$kind.mmdb" "$folder/$kind.csv"
done
"$demo" endpoints "$networks" >"$folder/endpoints.conf"
cat >"$folder/collector.conf" <<-END
	[collector]
	listen = 127.0.0.1:$port
	admin = 127.0.0.1:$((port + 1))
	state = $folder
	endpoints = $folder/endpoints.conf
	retention = 0

	[geo]
	asn = $folder/asn.mmdb
	country = $folder/country.mmdb

	[dumps]
	directory = $folder/dumps
	nightly = no

	[about]
	simulated = yes
	operator = Example Operators
	contact = noc@collector.example
	licence = CC BY 4.0
END
"$demo" fill "$networks" "$folder/collector.conf"

# SPDX-License-Identifier: Apache-2.0
"""What `check` must say of every network: a table, a row a network."""

from . import (answers, beacons, boxes, chance, clouds, containers, endpoints,
               filtering, host, interception, mx_hosts, names, offices,
               owners, servers, sites, translated)

WORLDS = (filtering, host, interception, endpoints, servers, mx_hosts, names,
          clouds, containers, offices, chance, boxes, beacons, answers,
          translated, owners, sites)
ROWS = tuple(row for world in WORLDS for row in world.ROWS)


def add_sites(lab):
    """The endpoints that the rows name."""
    for world in WORLDS:
        if hasattr(world, "add_sites"):
            world.add_sites(lab)


def filter_sites(lab):
    """What the endpoints do to their visitors, once they are up."""
    for world in WORLDS:
        if hasattr(world, "filter_sites"):
            world.filter_sites(lab)

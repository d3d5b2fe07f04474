# SPDX-License-Identifier: Apache-2.0
"""What `check` must say of every network: a table, a row a network."""

from . import chance, endpoints, filtering, host, interception, names

ROWS = (*filtering.ROWS, *host.ROWS, *interception.ROWS, *endpoints.ROWS,
        *names.ROWS, *chance.ROWS)

# SPDX-License-Identifier: Apache-2.0
"""Reading the collector's API from inside the lab."""

import http.client
import json


def get(node, address, port, path):
    """(status, headers, body) of one GET, asked from `node`."""
    connection = http.client.HTTPConnection(address, port, timeout=30)
    connection.sock = node.connect(address, port)
    try:
        connection.request("GET", path)
        reply = connection.getresponse()
        return reply.status, reply.headers, reply.read()
    finally:
        connection.close()


def get_list(node, address, port, path):
    """All items of a listing, page by page."""
    items, cursor = [], ""
    while True:
        joint = "&" if "?" in path else "?"
        more = f"{joint}cursor={cursor}" if cursor else ""
        status, _, body = get(node, address, port, path + more)
        if status != 200:
            raise RuntimeError(f"GET {path}: {status}: {body[:300]!r}")
        page = json.loads(body)
        items += page["items"]
        cursor = page["next"]
        if not cursor:
            return items

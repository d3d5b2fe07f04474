# SPDX-License-Identifier: Apache-2.0
"""A router as a host sees it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Hop:
    place: str
    address4: str
    address6: str

    def address(self, family):
        return self.address4 if family == 4 else self.address6

# SPDX-License-Identifier: Apache-2.0
"""Networks that no row was written for: drawn from a seed, with their truth.

draw.py has the network as values, truth.py what may honestly be said of it,
world.py makes it from namespaces, treat.py does things to it.
"""

# SPDX-License-Identifier: Apache-2.0
"""Providers in a box: network namespaces, real mail servers, real filters.

A lab never touches the network of the machine it runs on: everything is in
namespaces of its own, which end with it.
"""

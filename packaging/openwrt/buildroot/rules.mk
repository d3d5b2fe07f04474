# SPDX-License-Identifier: Apache-2.0
# What the package's Makefile needs of OpenWrt's buildroot, and no more, for
# `check`, which gives BUILD_DIR, CROSS_FILE, CFLAGS, LDFLAGS and PACKAGE_ROOT.
INCLUDE_DIR:=$(TOPDIR)/include
INSTALL_DIR:=install -d -m0755
INSTALL_BIN:=install -m0755
INSTALL_DATA:=install -m0644
INSTALL_CONF:=install -m0600
CP:=cp -fpR
TARGET_CFLAGS:=$(CFLAGS)
TARGET_LDFLAGS:=$(LDFLAGS)

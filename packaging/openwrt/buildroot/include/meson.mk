# SPDX-License-Identifier: Apache-2.0
MESON_BUILD_DIR=$(PKG_BUILD_DIR)/openwrt-build
MESON_ARGS:=

define Build/Configure
	meson setup --prefix=/usr --buildtype plain --cross-file $(CROSS_FILE) \
		-Ddefault_library=both "-Dc_args=$(TARGET_CFLAGS)" \
		"-Dc_link_args=$(TARGET_LDFLAGS)" \
		$(MESON_ARGS) $(MESON_BUILD_DIR) $(PKG_BUILD_DIR)
endef

define Build/Compile
	ninja -C $(MESON_BUILD_DIR)
endef

define Build/Install
	DESTDIR="$(PKG_INSTALL_DIR)" ninja -C $(MESON_BUILD_DIR) install
endef

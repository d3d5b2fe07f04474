# SPDX-License-Identifier: Apache-2.0
PKG_BUILD_DIR=$(BUILD_DIR)/$(PKG_NAME)-$(PKG_VERSION)
PKG_INSTALL_DIR=$(PKG_BUILD_DIR)/ipkg-install

ifneq ($(filter lto,$(PKG_BUILD_FLAGS)),)
TARGET_CFLAGS+=-flto=auto
TARGET_LDFLAGS+=-flto=auto
endif

define BuildPackage
$(eval $(call Package/$(1)))
prepare:
	mkdir -p $(PKG_BUILD_DIR)
	$(call Build/Prepare)
compile:
	$(call Build/Configure)
	$(call Build/Compile)
	$(call Build/Install)
install:
	$(call Package/$(1)/install,$(PACKAGE_ROOT))
# A line for each: what `check` holds against what was built.
show:
	@echo version $(PKG_VERSION)
	@echo depends $(DEPENDS)
	@echo user $(USERID)
	@echo conffiles $(strip $(Package/$(1)/conffiles))
endef

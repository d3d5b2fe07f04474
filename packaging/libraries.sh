# SPDX-License-Identifier: Apache-2.0
# Sourced by `static` and `openwrt/check`: the C library and the libraries of
# the agent for one $target, which the caller sets, from Debian's sources; both
# find them in $root, static.
# shellcheck shell=bash

case $target in
x86_64) tool='' openssl=linux-x86_64 family=x86_64 endian=little ;;
aarch64)
	tool=aarch64-linux-gnu- openssl=linux-aarch64
	family=aarch64 endian=little emulator=/usr/bin/qemu-aarch64-static
	;;
armhf)
	tool=arm-linux-gnueabihf- openssl=linux-armv4
	family=arm endian=little emulator=/usr/bin/qemu-arm-static
	;;
mips)
	tool=mips-linux-gnu- openssl=linux-mips32
	family=mips endian=big emulator=/usr/bin/qemu-mips-static
	;;
*) usage ;;
esac
sources=$PWD/build/libraries/sources made=$PWD/build/libraries/$target
root=$made/root
mkdir -p "$made" "$sources"
host=${tool%-}
[ "$target" != x86_64 ] || host=x86_64-linux-musl
emulator=${emulator:-}

# --- sources: what apt has verified ---

apt_sources() {
	"$1" -o Dir::Etc::sourcelist=/dev/null \
		-o Dir::Etc::sourceparts="$sources/parts" \
		-o Dir::State::lists="$sources/lists" \
		-o APT::Sandbox::User=root -q "${@:2}"
}

# The archives that this machine has, for sources.
list_sources() {
	mkdir -p "$sources/parts" "$sources/lists/partial"
	find /etc/apt/sources.list.d -name '*.sources' -exec cat {} + |
		sed 's/^Types:.*/Types: deb-src/' >"$sources/parts/a.sources"
	find /etc/apt -maxdepth 2 -name '*.list' -exec cat {} + |
		sed -n 's/^deb /deb-src /p' >"$sources/parts/b.list"
	apt_sources apt-get update
}

# fetch PACKAGE: its newest source that can be had, with Debian's patches, in
# $sources/PACKAGE. An archive may miss a file that its list names.
fetch() {
	local package=$1 version newest=
	cd "$sources"
	for version in $(apt_sources apt-cache showsrc --only-source "$package" |
		sed -n 's/^Version: //p' | sort -rVu); do
		newest=${newest:-$version}
		apt_sources apt-get source --only-source --download-only \
			"$package=$version" || continue
		[ "$version" = "$newest" ] ||
			echo "$package $newest is not to be had: $version is taken"
		dpkg-source --no-check -x "${package}_${version#*:}.dsc" \
			"$package.new"
		mv "$package.new" "$package"
		echo "$package $version" >>versions
		return 0
	done
	echo "no source of $package"
	return 1
}

# fetch_all PACKAGE... : those that are not there yet.
fetch_all() {
	local package listed=

	for package; do
		[ ! -d "$sources/$package" ] || continue
		[ -n "$listed" ] || list_sources
		listed=yes
		fetch "$package"
	done
}

# --- the C library: musl ---

# With musl-gcc: Debian's for this machine, made here for another one.
compiler=$root/bin/musl-gcc
[ "$target" != x86_64 ] || compiler=musl-gcc
flags="-Os -fPIC -ffunction-sections -fdata-sections"
flags="$flags -fno-asynchronous-unwind-tables -isystem $made/headers"
# GCC's choice of atomic instructions at run time asks glibc for the processor.
[ "$target" != aarch64 ] || flags="$flags -mno-outline-atomics"

# musl-gcc leaves the kernel's headers out, and musl <sys/queue.h>.
make_headers() {
	local from=/usr/include here=/usr/include/x86_64-linux-gnu
	[ "$target" = x86_64 ] || from=/usr/$host/include here=$from
	mkdir -p "$made/headers/sys"
	ln -sfn "$from/linux" "$made/headers/linux"
	ln -sfn "$from/asm-generic" "$made/headers/asm-generic"
	ln -sfn "$here/asm" "$made/headers/asm"
	ln -sfn "$here/sys/queue.h" "$made/headers/sys/queue.h"
}

# Programs name the loader as they will on the machine; it is kept in $root.
# Where a processor has no atomic 64-bit word, OpenSSL takes GCC's libatomic.
make_musl() {
	local loader atomic
	[ "$target" != x86_64 ] || return 0
	copy musl
	./configure --target="$host" --prefix="$root" --syslibdir=/lib \
		--enable-wrapper=gcc CC="${tool}gcc" CFLAGS=-Os
	make -j "$(nproc)"
	loader=$(sed -n 's|.*-dynamic-linker /lib/\([^ ]*\).*|\1|p' \
		lib/musl-gcc.specs)
	make install LDSO_PATHNAME="$root/lib/$loader"
	atomic=$("${tool}gcc" -print-file-name=libatomic.a)
	cp "$atomic" "$root/lib/"
}

# --- libraries: small, in $root ---

# copy PACKAGE: its source in a folder of this target's own, made anew.
copy() {
	rm -rf "${made:?}/$1"
	cp -a "$sources/$1" "$made/$1"
	cd "$made/$1"
}

# once PACKAGE: builds it where that was not done.
once() {
	local status

	[ ! -e "$made/.$1" ] || return 0
	# Not in a condition, where a step that fails would not end it.
	set +e
	(set -e; "make_${1//-/_}") >"$made/$1.log" 2>&1
	status=$?
	set -e
	[ "$status" = 0 ] || tail -n 20 "$made/$1.log"
	[ "$status" != 0 ] || touch "$made/.$1"
	return "$status"
}

# What is left out is never offered by a client's defaults (or, as engines and
# legacy ciphers, never loaded by the agent): what a server sees of the agent
# is what it sees of the one from the package. Words of errors stay, since
# people read them.
without="tests engine dso module legacy deprecated afalgeng async
	autoload-config cmp cms comp ct dgram dtls filenames fips gost ts srp
	psk srtp sctp ssl-trace ui-console rfc3779 ocsp nextprotoneg multiblock
	aria bf blake2 camellia cast des dsa ec2m idea md4 mdc2 ocb rc2 rc4
	rmd160 scrypt seed siphash siv sm2 sm3 sm4 whirlpool padlockeng ssl3"

make_openssl() {
	copy openssl
	./Configure "$openssl" --prefix="$root" --openssldir=/etc/ssl \
		--libdir=lib no-shared $(printf 'no-%s ' $without) $flags \
		-L"$root/lib" CC="$compiler" AR="${tool}ar" \
		RANLIB="${tool}ranlib"
	make -j "$(nproc)" build_generated libcrypto.a libssl.a
	make install_dev
}

make_zlib() {
	copy zlib
	CC=$compiler AR=${tool}ar RANLIB=${tool}ranlib CFLAGS=$flags \
		./configure --static --prefix="$root"
	make -j "$(nproc)" libz.a
	install -D -m 644 libz.a "$root/lib/libz.a"
	install -D -m 644 zlib.h zconf.h -t "$root/include"
	install -D -m 644 zlib.pc -t "$root/lib/pkgconfig"
}

# configured OPTION... : for the libraries whose ./configure is autoconf's,
# which is not made anew for a patch of Debian's to what it was made from.
configured() {
	./configure --host="$host" --prefix="$root" --disable-shared "$@" \
		CC="$compiler" CFLAGS="$flags" CPPFLAGS="-I$root/include" \
		LDFLAGS="-L$root/lib" \
		PKG_CONFIG_LIBDIR="$root/lib/pkgconfig" \
		ACLOCAL=: AUTOCONF=: AUTOHEADER=: AUTOMAKE=:
}

# Its names stay visible to who makes a shared library of it.
make_c_ares() {
	copy c-ares
	configured --disable-tests --disable-symbol-hiding
	make -j "$(nproc)"
	make install
}

make_libevent() {
	copy libevent
	configured --disable-samples --disable-libevent-regress \
		--disable-thread-support
	make -j "$(nproc)"
	make install
}

# With the part of libunistring that it brings itself.
make_libidn2() {
	copy libidn2
	configured --disable-doc --disable-nls ac_cv_libunistring=no \
		--without-libunistring-prefix
	make -j "$(nproc)" -C gl
	make -j "$(nproc)" -C unistring
	make -j "$(nproc)" -C lib
	make -C lib install
	install -m 644 unistring/.libs/libunistring.a "$root/lib"
	sed 's/^Libs: .*/& -lunistring/' libidn2.pc \
		>"$root/lib/pkgconfig/libidn2.pc"
}

# make_libraries PACKAGE... : rows, of which each must work; besides those of
# the agent, other sources that the caller wants.
make_libraries() {
	local library libraries="musl openssl zlib c-ares libevent libidn2"
	local must=yes

	row "Debian's sources of the libraries" fetch_all $libraries "$@"
	row "the headers that the compiler lacks" make_headers
	for library in $libraries; do
		say "building $library"
		row "a small $library for $target" once "$library"
	done
}

# --- meson ---

list_of() {
	[ $# = 0 ] || printf "'%s', " "$@"
}

# describe_target FILE LIBRARIES LINK_FLAG... : meson's cross file; it finds
# the libraries in that folder.
describe_target() {
	local file=$1 folder=$2
	shift 2
	cat >"$file" <<-END
	[binaries]
	c = '$compiler'
	ar = '${tool}ar'
	strip = '${tool}strip'
	pkgconfig = 'pkg-config'
	${emulator:+exe_wrapper = ['$emulator', '-L', '$root']}
	[properties]
	pkg_config_libdir = '$folder/pkgconfig'
	[built-in options]
	c_args = [$(list_of $flags)]
	c_link_args = [$(list_of "$@")]
	[host_machine]
	system = 'linux'
	cpu_family = '$family'
	cpu = '$family'
	endian = '$endian'
	END
}

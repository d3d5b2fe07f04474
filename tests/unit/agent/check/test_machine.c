/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/check/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/rows.h"

/* A file below a temporary root, and what it shows. */
static const struct row {
	const char *name, *path, *text;
	enum enclosure enclosure;
} rows[] = {
    {"nothing to see", "/etc/hostname", "host\n", ENCLOSURE_NONE},
    {"Docker's mark", "/.dockerenv", "", ENCLOSURE_DOCKER},
    {"Podman's mark", "/run/.containerenv", "engine=\"podman\"\n",
	ENCLOSURE_PODMAN},
    {"systemd's name of the container", "/run/systemd/container", "lxc\n",
	ENCLOSURE_LXC},
    {"systemd-nspawn", "/run/systemd/container", "systemd-nspawn\n",
	ENCLOSURE_NSPAWN},
    {"a name that is not known", "/run/systemd/container", "rkt\n",
	ENCLOSURE_OTHER},
    {"the environment of process 1", "/proc/1/environ",
	"HOME=/\ncontainer=podman\n", ENCLOSURE_PODMAN},
    {"a variable that only ends alike", "/proc/1/environ",
	"HOME=/\nmy_container=podman\n", ENCLOSURE_NONE},
    {"the control group of a pod", "/proc/self/cgroup",
	"0::/kubepods/besteffort/pod1/a1\n", ENCLOSURE_KUBERNETES},
    {"the control group of Docker", "/proc/self/cgroup",
	"1:name=systemd:/docker/0123\n", ENCLOSURE_DOCKER},
    {"a control group like any", "/proc/self/cgroup",
	"0::/user.slice/user-1000.slice\n", ENCLOSURE_NONE},
    {"WSL 2", "/proc/sys/kernel/osrelease",
	"5.15.90.1-microsoft-standard-WSL2\n", ENCLOSURE_WSL},
    {"WSL 1", "/proc/sys/kernel/osrelease", "4.4.0-19041-Microsoft\n",
	ENCLOSURE_WSL},
    {"a kernel of Debian", "/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n",
	ENCLOSURE_NONE},
};

static void write_file(const char *root, const char *path, const char *text)
{
	char whole[256], *slash;
	FILE *file;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	for (slash = whole + strlen(root) + 1;
	     (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(whole, 0700);
		*slash = '/';
	}
	file = fopen(whole, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void remove_root(const char *root)
{
	char command[300];

	snprintf(command, sizeof(command), "rm -r '%s'", root);
	assert_int_equal(system(command), 0);
}

static void enclosure(void **state)
{
	const struct row *row = *state;
	char root[] = "/tmp/egress25-machine-XXXXXX";

	assert_non_null(mkdtemp(root));
	write_file(root, row->path, row->text);
	assert_int_equal(machine_enclosure(root), row->enclosure);
	remove_root(root);
}

static void dmi(void **state)
{
	char root[] = "/tmp/egress25-machine-XXXXXX";
	struct provider_traits traits = {.asn = 1};
	size_t i, found = 0;

	assert_non_null(mkdtemp(root));
	write_file(root, "/sys/class/dmi/id/sys_vendor", "Amazon EC2\n");
	write_file(root, "/sys/class/dmi/id/chassis_asset_tag", "tag");
	machine_dmi(root, &traits);
	for (i = 0; i < PROVIDER_DMI_FIELDS; i++)
		found += strcmp(traits.dmi[i], "Amazon EC2") == 0 ||
			 strcmp(traits.dmi[i], "tag") == 0;
	assert_int_equal(found, 2);
	assert_int_equal(traits.asn, 1);
	remove_root(root);
}

static void advice(void **state)
{
	struct buf sentence = {0};
	int i;

	for (i = ENCLOSURE_DOCKER; i < ENCLOSURE_COUNT; i++) {
		assert_true(enclosure_sentence((enum enclosure)i, &sentence));
		assert_int_not_equal(enclosure_word((enum enclosure)i)[0], 0);
	}
	assert_memory_equal(
	    sentence.data, "This is a Docker container: its first hop is", 44);
	buf_clear(&sentence);
	assert_false(enclosure_sentence(ENCLOSURE_NONE, &sentence));
	assert_int_equal(sentence.length, 0);
	buf_free(&sentence);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, enclosure);
	test_add(&list, "the DMI texts, without line ends", dmi);
	test_add(&list, "each kind has its word and its advice", advice);
	return test_run("machine", &list);
}

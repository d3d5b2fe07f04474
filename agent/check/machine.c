/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/check/machine.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE 512
#define TEXT_SIZE 4096

static void make_path(const char *root, const char *name, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "%s%s", root, name);
}

static bool exists(const char *root, const char *name)
{
	char path[PATH_SIZE];

	make_path(root, name, path);
	return access(path, F_OK) == 0;
}

/* The beginning of a small file; NULs become line ends, as in environ. False:
 * it cannot be read. */
static bool read_file(const char *root, const char *name, char text[TEXT_SIZE])
{
	char path[PATH_SIZE];
	ssize_t got, i;
	int fd;

	make_path(root, name, path);
	text[0] = '\0';
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, text, TEXT_SIZE - 1);
	close(fd);
	for (i = 0; i < got; i++)
		if (text[i] == '\0')
			text[i] = '\n';
	text[got > 0 ? got : 0] = '\0';
	return got > 0;
}

/* Words that stand for a container, most telling first. */
static const struct {
	const char *word;
	enum enclosure enclosure;
} words[] = {
    {"kubepods", ENCLOSURE_KUBERNETES},
    {"docker", ENCLOSURE_DOCKER},
    {"libpod", ENCLOSURE_PODMAN},
    {"podman", ENCLOSURE_PODMAN},
    {"systemd-nspawn", ENCLOSURE_NSPAWN},
    {"lxc", ENCLOSURE_LXC},
    {"containerd", ENCLOSURE_OTHER},
};

static enum enclosure find_word(const char *text)
{
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strstr(text, words[i].word) != NULL)
			return words[i].enclosure;
	return ENCLOSURE_NONE;
}

/* What systemd and most managers call it: container=NAME. */
static enum enclosure named_enclosure(const char *name)
{
	enum enclosure found = find_word(name);

	return found != ENCLOSURE_NONE ? found : ENCLOSURE_OTHER;
}

static enum enclosure by_environment(const char *root)
{
	const char *name = *root == '\0' ? getenv("container") : NULL;
	char text[TEXT_SIZE];

	if (*root == '\0' && getenv("KUBERNETES_SERVICE_HOST") != NULL)
		return ENCLOSURE_KUBERNETES;
	if (name != NULL && *name != '\0')
		return named_enclosure(name);
	if (read_file(root, "/run/systemd/container", text))
		return named_enclosure(text);
	if (!read_file(root, "/proc/1/environ", text))
		return ENCLOSURE_NONE;
	name = strncmp(text, "container=", 10) == 0
		   ? text + 10
		   : strstr(text, "\ncontainer=");
	return name != NULL ? named_enclosure(name) : ENCLOSURE_NONE;
}

static bool is_wsl(const char *root)
{
	char text[TEXT_SIZE];

	return read_file(root, "/proc/sys/kernel/osrelease", text) &&
	       (strcasestr(text, "microsoft") != NULL ||
		   strstr(text, "WSL") != NULL);
}

enum enclosure machine_enclosure(const char *root)
{
	enum enclosure found = by_environment(root);
	char text[TEXT_SIZE];

	if (found == ENCLOSURE_NONE && exists(root, "/run/.containerenv"))
		found = ENCLOSURE_PODMAN;
	if (found == ENCLOSURE_NONE && exists(root, "/.dockerenv"))
		found = ENCLOSURE_DOCKER;
	if (found == ENCLOSURE_NONE &&
	    read_file(root, "/proc/self/cgroup", text))
		found = find_word(text);
	if (found == ENCLOSURE_NONE && is_wsl(root))
		found = ENCLOSURE_WSL;
	return found;
}

void machine_dmi(const char *root, struct provider_traits *traits)
{
	static const char *const names[PROVIDER_DMI_FIELDS] = {"sys_vendor",
	    "product_name", "board_vendor", "bios_vendor", "chassis_asset_tag"};
	char text[TEXT_SIZE], name[64];
	size_t i;

	for (i = 0; i < PROVIDER_DMI_FIELDS; i++) {
		snprintf(name, sizeof(name), "/sys/class/dmi/id/%s", names[i]);
		traits->dmi[i][0] = '\0';
		if (!read_file(root, name, text))
			continue;
		text[strcspn(text, "\n")] = '\0';
		snprintf(traits->dmi[i], PROVIDER_DMI_SIZE, "%s", text);
	}
}

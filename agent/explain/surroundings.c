/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/surroundings.h"

#include "lib/json/json.h"

static const char container_advice[] =
    "its first hop is the machine that runs it. Look at that machine's "
    "firewall too (nft list ruleset there), and measure there for comparison.";

static const struct {
	const char *word, *what, *advice;
} enclosures[ENCLOSURE_COUNT] = {
    [ENCLOSURE_NONE] = {"", NULL, NULL},
    [ENCLOSURE_DOCKER] = {"docker", "a Docker container", container_advice},
    [ENCLOSURE_PODMAN] = {"podman", "a Podman container", container_advice},
    [ENCLOSURE_KUBERNETES] = {"kubernetes", "a Kubernetes pod",
	"network policies, a service mesh's sidecar and the node come before "
	"the network. Look at these, and measure on the node for comparison."},
    [ENCLOSURE_LXC] = {"lxc", "an LXC container", container_advice},
    [ENCLOSURE_NSPAWN] = {"systemd-nspawn", "a systemd-nspawn container",
	container_advice},
    [ENCLOSURE_OTHER] = {"container", "a container", container_advice},
    [ENCLOSURE_WSL] = {"wsl", "Linux under Windows (WSL)",
	"Windows' own firewall, antivirus and VPN come before the network. "
	"Look at Windows first."},
};

const char *enclosure_word(enum enclosure enclosure)
{
	return enclosure < ENCLOSURE_COUNT ? enclosures[enclosure].word : "";
}

bool enclosure_sentence(enum enclosure enclosure, struct buf *out)
{
	if (enclosure >= ENCLOSURE_COUNT || enclosures[enclosure].what == NULL)
		return false;
	buf_printf(out, "This is %s: %s", enclosures[enclosure].what,
	    enclosures[enclosure].advice);
	return true;
}

void surroundings_mx_sentence(
    const struct surroundings *surroundings, struct buf *out)
{
	size_t i;

	buf_printf(out, "Mail for %s goes to ", surroundings->mx_domain);
	for (i = 0; i < surroundings->nmx; i++)
		buf_printf(out, "%s%s", i > 0 ? ", " : "", surroundings->mx[i]);
	buf_printf(out,
	    " (its MX), not to the host of that name: ask there with --mx "
	    "%s.",
	    surroundings->mx_domain);
}

static void add_provider(
    const struct provider *provider, struct json_writer *json)
{
	size_t i;

	if (provider->id[0] == '\0') {
		json_null(json, "provider");
		return;
	}
	json_open_object(json, "provider");
	json_text(json, "id", provider->id);
	json_text(json, "name", provider->name);
	json_open_array(json, "ports");
	for (i = 0; i < provider->ports.count; i++)
		json_integer(json, NULL, provider->ports.port[i]);
	json_close_array(json);
	json_text(json, "policy", provider->policy);
	json_text(json, "lift", provider->lift);
	json_close_object(json);
}

void surroundings_json(
    const struct surroundings *surroundings, struct json_writer *json)
{
	size_t i;

	if (surroundings == NULL) {
		json_null(json, "surroundings");
		return;
	}
	json_open_object(json, "surroundings");
	json_text_or_null(
	    json, "container", enclosure_word(surroundings->enclosure));
	add_provider(&surroundings->provider, json);
	json_text_or_null(json, "mx_domain", surroundings->mx_domain);
	json_open_array(json, "mx");
	for (i = 0; i < surroundings->nmx; i++)
		json_text(json, NULL, surroundings->mx[i]);
	json_close_array(json);
	json_close_object(json);
}

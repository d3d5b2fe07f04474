/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_BASE_OPTIONS_H
#define EGRESS25_COLLECTOR_BASE_OPTIONS_H

#include "lib/config/conf.h"

/* The collector's configuration file (contract, section 3). */
struct collector_options {
	char listen[256];          /* public listener */
	char admin[256];           /* metrics and health, loopback */
	char state[256];           /* directory: database, secret */
	int enrol;                 /* enum enrol_mode */
	char trusted_proxies[512]; /* for prefixes_parse() */
	char endpoints[256];       /* endpoints file; "": none */
	bool web;                  /* serve the pages */
	int64_t retention_s;       /* raw rows; 0: for ever */
	bool keep_signed;          /* keep the reports' bytes as evidence */
	char geo_asn[256], geo_country[256];
	char dumps_directory[256]; /* "": there are none */
	bool dumps_nightly;        /* serve writes them */
	int64_t dumps_after_s;     /* after the end of a day */
	int64_t dumps_keep_s;      /* how long a day's files stay; 0: always */
	char about_operator[128], about_contact[128]; /* "": not said */
	char about_licence[128];                      /* of the data */
	bool about_simulated; /* what is here was made up */
	char tls_certificate[256], tls_key[256];
	int64_t limit_body_bytes;
	int64_t limit_connections;
	int64_t limit_connections_address; /* 0: no limit */
	int64_t limit_memory_bytes;        /* that connections hold */
	int64_t limit_request_s;           /* to send a whole request */
	int64_t limit_workers;             /* threads; 0: one per CPU */
	int64_t limit_free_bytes;          /* not ready below it; 0: always */
	int64_t limit_queue;               /* reports waiting for the writer */
	int64_t limit_clock_skew_s;        /* of a signature's `created` */
	int64_t limit_enrol_address,
	    limit_enrol_prefix;    /* per hour; 0: no limit */
	int64_t limit_key_changes; /* of one agent, per hour; 0: no limit */
	int64_t limit_reports_agent, limit_reports_prefix; /* likewise */
	int64_t limit_probes_agent, limit_probes_prefix,
	    limit_reads_address; /* likewise */
	int backend;             /* enum store_backend */
	char store_path[256];    /* sqlite: "": STATE/collector.db */
	/* clickhouse (store_settings.h) */
	char store_url[1024], store_user[64], store_password[256];
	char store_reader[64], store_reader_password[256];
	char store_cluster[64], store_database[64], store_ca_file[256];
	int64_t store_quorum;
	bool store_insecure;
};

enum enrol_mode { ENROL_OPEN, ENROL_TOKEN };
enum store_backend { BACKEND_SQLITE, BACKEND_CLICKHOUSE };

#define COLLECTOR_CONFIG_PATH "/etc/egress25/collector.conf"

extern const struct conf_option collector_option_table[];

/* Read the configuration file `path`; NULL: the default path, and all defaults
 * if there is no such file. 0, -EINVAL or -errno. */
int collector_options_read(
    const char *path, struct collector_options *options, struct err *err);

/* Check what no single key shows: keys that contradict each other. 0 or
 * -EINVAL. */
int collector_options_check(
    const struct collector_options *options, struct err *err);

/* Print what is not wrong, and still missing before any network is judged: a
 * line each. */
void collector_options_say_gaps(const struct collector_options *options);

/* The path of the SQLite database. 0, or -EINVAL if it is too long. */
int collector_options_database(const struct collector_options *options,
    char *path, size_t size, struct err *err);

#endif

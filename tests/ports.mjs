// SPDX-License-Identifier: Apache-2.0
// Ports of loopback for the servers that tests start.
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

// Below those that the kernel gives to clients; see ports.py.
const FIRST = 10000;
const LAST = 20999;

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** A TCP port of 127.0.0.1 that nobody listens at. */
export async function freePort() {
  for (let tries = 0; tries < 1000; tries++) {
    const port = randomInt(FIRST, LAST + 1);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port is free from ${FIRST} to ${LAST}`);
}

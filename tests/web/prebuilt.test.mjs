// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const web = fileURLToPath(
  new URL("../../dashboards/web/", import.meta.url),
);

test("the prebuilt pages are what the sources build", () => {
  const fresh = mkdtempSync(join(tmpdir(), "egress25-pages-"));
  try {
    execFileSync(process.execPath, [join(web, "build.mjs"), fresh]);
    const names = readdirSync(fresh).sort();
    assert.deepEqual(readdirSync(join(web, "prebuilt")).sort(), names);
    for (const name of names)
      assert.ok(
        readFileSync(join(fresh, name)).equals(
          readFileSync(join(web, "prebuilt", name)),
        ),
        `${name} differs: run "node build.mjs prebuilt" in dashboards/web`,
      );
  } finally {
    rmSync(fresh, { recursive: true });
  }
});

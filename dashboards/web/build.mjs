// SPDX-License-Identifier: Apache-2.0
// Bundle the pages into a folder: node build.mjs OUTPUT
import { build } from "esbuild";
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const output = process.argv[2];

if (!output) {
  console.error("usage: node build.mjs OUTPUT");
  process.exit(2);
}

await mkdir(output, { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.jsx", style: "src/style.css" },
  outdir: output,
  bundle: true,
  minify: true,
  legalComments: "none",
  format: "esm",
  target: ["es2020"],
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
});
for (const name of ["index.html", "favicon.svg"])
  await copyFile(join(here, "src", name), join(output, name));

// SPDX-License-Identifier: Apache-2.0
// Bundle the pages into a folder: node build.mjs OUTPUT
import { build } from "esbuild";
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

if (process.argv.length !== 3) {
  console.error("usage: node build.mjs OUTPUT");
  process.exit(2);
}
const output = resolve(process.argv[2]);

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

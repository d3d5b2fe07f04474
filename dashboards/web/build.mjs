// SPDX-License-Identifier: Apache-2.0
// Bundle the pages into a folder: node build.mjs OUTPUT [DEPFILE]
//
// DEPFILE gets what they were built of, for the build that runs this: no list
// of sources is kept by hand.
import { build } from "esbuild";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const COPIED = ["index.html", "favicon.svg", "world.json"];

if (process.argv.length < 3 || process.argv.length > 4) {
  console.error("usage: node build.mjs OUTPUT [DEPFILE]");
  process.exit(2);
}
const output = resolve(process.argv[2]);
const depfile = process.argv[3];

await mkdir(output, { recursive: true });
const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.jsx", style: "src/style.css" },
  outdir: output,
  bundle: true,
  minify: true,
  legalComments: "none",
  format: "esm",
  target: ["es2022"],
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
  metafile: true,
});
for (const name of COPIED)
  await copyFile(join(here, "src", name), join(output, name));

if (depfile) {
  const inputs = [
    ...Object.keys(metafile.inputs),
    ...COPIED.map((name) => join("src", name)),
  ];
  const paths = inputs.map((input) => join(here, input).replaceAll(" ", "\\ "));
  const target = join(process.argv[2], "app.js");
  await writeFile(depfile, `${target}: ${paths.join(" ")}\n`);
}

// SPDX-License-Identifier: Apache-2.0
// The addresses of what is shown, as commands for a shell. Pure.

// What would end the quotes, or what curl takes for a list of addresses.
const SPECIAL = /['"`\\[\]{}\s]/g;

const encoded = (character) =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

// A line for each path; what is no path is a remark between them. What is
// missing is left out.
export function curlText(paths, origin) {
  return [paths]
    .flat()
    .filter(Boolean)
    .map((path) =>
      path.startsWith("/")
        ? `curl '${origin}${path.replace(SPECIAL, encoded)}'`
        : `# ${path}`,
    )
    .join("\n");
}

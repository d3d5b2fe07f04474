// SPDX-License-Identifier: Apache-2.0
// The columns of a measurement, out of the API's own description. Pure.

// [{ name, type, words, text }] of the rows that `path` answers; [] where the
// description has none.
export function columnsOf(openapi, path = "/v1/measurements") {
  const answer =
    openapi.paths?.[path]?.get?.responses?.["200"]?.content?.[
      "application/json"
    ]?.schema;
  const schema = follow(openapi, answer);
  const row = follow(openapi, schema?.properties?.items?.items);
  return Object.entries(row?.properties ?? {}).map(([name, value]) => {
    const seen = follow(openapi, value);
    return {
      name,
      type: [seen.type].flat().filter(Boolean).join(" or "),
      words: (seen.enum ?? []).filter((word) => word !== null),
      text: seen.description ?? "",
    };
  });
}

// Does this collector answer that path?
export const answers = (openapi, path) => Boolean(openapi?.paths?.[path]);

function follow(openapi, schema) {
  if (!schema?.$ref) return schema;
  return schema.$ref
    .replace("#/", "")
    .split("/")
    .reduce((at, name) => at?.[name], openapi);
}

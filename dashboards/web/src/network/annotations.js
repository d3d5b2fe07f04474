// SPDX-License-Identifier: Apache-2.0
// What is said beside a verdict, and by whom. Pure.
import { dateText } from "../shared/time.js";

const HEADINGS = new Map([
  ["objection", "The operator objects"],
  ["reply", "The operator says"],
]);

// The network's operator comes first, an objection before a reply.
const ORDER = [...HEADINGS.keys(), "remark"];

// [{ kind, heading, by, at, when, text }]. `operator`: who runs this collector.
// What is neither a reply nor an objection is not the network's word.
export function annotationsOf({ annotations }, operator) {
  return (annotations ?? [])
    .filter(({ text }) => text)
    .map(({ kind, by, at, text }) => ({
      kind: HEADINGS.has(kind) ? kind : "remark",
      heading: HEADINGS.get(kind) ?? "This collector’s operator remarks",
      by: by || (HEADINGS.has(kind) ? "" : operator ?? ""),
      at: at ?? "",
      when: at ? dateText(at) : "",
      text,
    }))
    .sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

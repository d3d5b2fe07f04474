// SPDX-License-Identifier: Apache-2.0
// A report in its public form, as what the pictures take. Pure.

// Its targets, each probe with its diagnosis (outcome, mechanism, where,
// after_hop), however the report keeps the two.
export function targetsOf(report) {
  return (report.targets ?? []).map((target) => {
    const said = target.diagnoses ?? target.diagnosis ?? [];
    const list = Array.isArray(said) ? said : [said];
    return {
      ...target,
      probes: (target.probes ?? []).map((probe) => ({
        ...(probe.diagnosis ?? list.find(({ port }) => port === probe.port)),
        ...probe,
      })),
    };
  });
}

const OUTCOME_OF = {
  filtered: "filtered",
  partial: "filtered",
  intercepted: "intercepted",
  open: "reachable",
};

// The newest of a network's measurements that shows what its state says: the
// id of its report, or null.
export function typicalReport(rows, { family, port, state, mechanism }) {
  const same = rows.filter(
    (row) =>
      row.family === family &&
      row.port === port &&
      row.outcome === OUTCOME_OF[state],
  );
  const row = same.find((one) => one.mechanism === mechanism) ?? same[0];
  return row ? row.id.split(":")[0] : null;
}

// The probe that the page is about: the first that does not get through, by
// gravity, else the first.
const GRAVITY = ["filtered", "intercepted", "local", "endpoint", "unknown"];

export function mainProbe(probes) {
  for (const outcome of GRAVITY) {
    const found = probes.find((probe) => probe.outcome === outcome);
    if (found) return found;
  }
  return probes.find(({ mechanism }) => mechanism === "rejected") ?? probes[0];
}

// The probe whose dialogue is shown: of `main`, else of the nearest port that
// spoke.
export function spokenProbe(probes, main) {
  const spoke = ({ smtp, reply }) => smtp?.code || reply?.code;
  return [main, ...probes].find((probe) => probe && spoke(probe)) ?? null;
}

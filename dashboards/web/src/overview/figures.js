// SPDX-License-Identifier: Apache-2.0
// Pure.

const PORTS = [25, 587, 465];

// The port and family that the address asks for; 25 and 4 else.
export function choiceOf({ port, family }) {
  return {
    port: PORTS.includes(Number(port)) ? Number(port) : 25,
    family: Number(family) === 6 ? 6 : 4,
  };
}

export const summaryLink = ({ port, family }) =>
  `/v1/summary?port=${port}&family=${family}`;

// A bound is rounded up; null where it is not known.
export function listedWrong(expected) {
  return typeof expected === "number" ? Math.ceil(expected) : null;
}

// SPDX-License-Identifier: Apache-2.0
// The collector's public API, as these pages use it.
import { useLayoutEffect, useState } from "preact/hooks";

const REFRESH_MS = 60000;
const AGAIN_S = 20; // where a 429 does not say when
const KEPT = 60; // answers, so that Back shows what was there

// What came instead of an answer. `status` is 0 where nobody answered.
export class Problem extends Error {
  constructor(status, message, againS = 0) {
    super(message);
    this.status = status;
    this.againS = againS;
  }
}

// Answers that were asked for before anything was drawn.
const ahead = new Map();

// Ask now for what the first drawing needs. Ends when it is there, or failed.
export async function askAhead(path) {
  const answer = ask(path);
  ahead.set(path, answer);
  try {
    keep(path, await answer);
  } catch {
    // whoever takes it hears of it
  }
}

// { data, now }: the answer to a GET, and the collector's clock when it made
// it, in ms. Throws a Problem.
export function get(path) {
  const answer = ahead.get(path) ?? ask(path);
  ahead.delete(path);
  return answer;
}

async function ask(path) {
  let response;
  try {
    response = await fetch(path);
  } catch {
    throw new Problem(0, "The collector does not answer.");
  }
  if (!response.ok) throw await problemOf(response);
  try {
    const data = await response.json();
    const said = data.generated ?? response.headers.get("date");
    return { data, now: Date.parse(said) || Date.now() };
  } catch {
    throw new Problem(0, "The answer was cut off.");
  }
}

async function problemOf(response) {
  const { status } = response;
  const wait = Number(response.headers.get("retry-after"));
  if (status === 429 || (status === 503 && wait)) {
    const againS = wait || AGAIN_S;
    const what =
      status === 429 ? "Too many questions" : "The collector is not ready";
    return new Problem(status, `${what}; again in ${againS} s.`, againS);
  }
  try {
    const { error } = await response.json();
    const what = error.field ? `${error.field}: ${error.message}` : error.message;
    return new Problem(status, `The collector says: ${what}.`);
  } catch {
    return new Problem(status, `The collector answered ${status}.`);
  }
}

const kept = new Map();

function keep(path, answer) {
  kept.delete(path);
  kept.set(path, answer);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value);
}

// The answer of `path`, kept fresh:
// { path, data, now, problem, loading, isAsked, again }.
// One request is in flight at a time, none while nobody looks. Old data stays
// where a newer answer fails. `ask` makes an answer of a path; no path, no
// question. `isAsked`: after a problem it is asked for again just now.
export function useAnswer(path, ask = get) {
  const [, draw] = useState(0);
  const [asked] = useState(() => new Asked(() => draw((n) => n + 1)));
  // Before the first paint, not after it: that may take long.
  useLayoutEffect(() => {
    asked.begin(path, ask);
    return () => asked.end();
  }, [path]);
  const seen = asked.path === path ? asked : { answer: kept.get(path) };
  return {
    path,
    data: seen.answer?.data ?? null,
    now: seen.answer?.now ?? Date.now(),
    problem: seen.problem ?? null,
    loading: Boolean(path) && !seen.answer && !seen.problem,
    isAsked: Boolean(seen.problem) && seen.busy === seen.turn,
    again: () => asked.wish(),
  };
}

// Questions that nobody answered. Once the collector answers one again, or the
// machine has its network back, all of them are asked again.
const unanswered = new Set();

function askAgain() {
  const all = [...unanswered];
  unanswered.clear();
  for (const asked of all) asked.question();
}

globalThis.addEventListener?.("online", askAgain);

class Asked {
  constructor(changed) {
    this.changed = changed;
    this.look = () => {
      if (!document.hidden && this.isDue) this.question();
    };
  }

  begin(path, ask) {
    Object.assign(this, {
      path,
      ask,
      answer: kept.get(path),
      problem: null,
      isDue: false,
      isWished: false,
      turn: {},
    });
    document.addEventListener("visibilitychange", this.look);
    if (path) this.question();
  }

  end() {
    this.turn = null;
    unanswered.delete(this);
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.look);
  }

  // By whoever looks. While a question is out it holds for the next one, should
  // nobody answer that.
  wish() {
    this.isWished = this.busy === this.turn;
    this.question();
  }

  async question() {
    const { path, ask, turn } = this;
    if (this.busy === turn) return;
    this.busy = turn;
    clearTimeout(this.timer);
    if (this.problem) this.changed(); // it says that it is asked again
    let answer = null;
    let problem = null;
    try {
      answer = await ask(path);
      keep(path, answer);
    } catch (error) {
      if (!(error instanceof Problem)) console.error(error);
      problem = error;
    }
    if (this.turn !== turn) return;
    this.busy = null;
    this.answer = answer ?? this.answer;
    this.problem = problem;
    this.changed();
    this.wait(problem?.againS);
    if (problem?.status === 0) unanswered.add(this);
    else unanswered.delete(this);
    if (answer) askAgain();
    if (this.isWished && problem?.status === 0) this.wish();
    else this.isWished = false;
  }

  wait(againS) {
    this.isDue = false;
    this.timer = setTimeout(
      () => {
        this.isDue = true;
        this.look();
      },
      againS ? againS * 1000 : REFRESH_MS,
    );
  }
}

// SPDX-License-Identifier: Apache-2.0
// What most test files need: a collector and a browser, from before the first
// test until after the last one. Each test file is a process of its own.
import { after, before } from "node:test";
import { launch } from "./browser.mjs";

export let collector;
export let browser;

// `start` starts the collector, as startCollector() and startDemo() do.
export function useCollector(start) {
  before(async () => {
    collector = await start();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await collector?.stop();
  });
}

# SPDX-License-Identifier: Apache-2.0
"""Each network in a process of its own, for a bounded time: one that hangs, or
whose process dies, is a failed row that says where it was."""

import faulthandler
import multiprocessing
import multiprocessing.connection
import signal
import tempfile
import time
import traceback

LONGEST_S = 400  # a network, its servers, `check`, and the end of them
ENDING_S = 20    # that a process which is told to end may take


class Job:
    def __init__(self, work, *arguments):
        self.stack = tempfile.TemporaryFile("w+")
        self.answer, child = multiprocessing.Pipe(duplex=False)
        self.process = multiprocessing.Process(
            target=carry_out, args=(child, self.stack, work, *arguments))
        self.process.start()
        child.close()
        self.until = time.monotonic() + LONGEST_S

    def result(self):
        """When the pipe can be read, or the time is over."""
        try:
            found = self.answer.recv() if self.answer.poll() else None
        except EOFError:
            found = None
        if found is None:
            self.end()
            found = [f"no result: exit code {self.process.exitcode}",
                     *self.where_it_was()], 0
        self.process.join(ENDING_S)
        self.end()
        self.stack.close()
        return found

    def end(self):
        """What its lab made is removed by SIGTERM's handler."""
        for stop in (self.process.terminate, self.process.kill):
            if self.process.is_alive():
                stop()
            self.process.join(ENDING_S)

    def where_it_was(self):
        self.stack.seek(0)
        return self.stack.read().splitlines()


def carry_out(answer, stack, work, *arguments):
    faulthandler.enable(stack)
    faulthandler.dump_traceback_later(LONGEST_S - 1, file=stack)
    try:
        found = work(*arguments)
    except Exception:  # a network's failure must not hide the next
        found = traceback.format_exc().splitlines(), 0
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    answer.send(found)


def results(work, seeds, shared, side_by_side):
    """(seed, what `work(seed, shared)` returned), in the order of `seeds`."""
    waiting, running, done = list(enumerate(seeds)), {}, {}
    for number, seed in enumerate(seeds):
        while number not in done:
            while waiting and len(running) < side_by_side:
                next_number, next_seed = waiting.pop(0)
                running[next_number] = Job(work, next_seed, shared)
            for other in ended(running):
                done[other] = running.pop(other).result()
        yield seed, done.pop(number)


def ended(running):
    """Which of them have answered, died, or had their time."""
    left_s = min(job.until for job in running.values()) - time.monotonic()
    ready = multiprocessing.connection.wait(
        [job.answer for job in running.values()], max(0, left_s))
    return [number for number, job in running.items()
            if job.answer in ready or job.until <= time.monotonic()]

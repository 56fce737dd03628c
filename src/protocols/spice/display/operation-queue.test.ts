import { describe, expect, it } from "vitest";
import { deferred } from "../../../testing/spice/display-harness.ts";
import { MAX_WAITING_PIXELS } from "./display-limits.ts";
import { OperationQueue } from "./operation-queue.ts";

describe("OperationQueue", () => {
  it("is full by the pixels that wait, and empties as they are drawn", async () => {
    const queue = new OperationQueue({
      handleFailure: (error) => {
        throw error;
      },
    });
    const [first, second] = [deferred<number>(), deferred<number>()];
    const half = { name: "drawCopy", run: () => undefined, pixels: MAX_WAITING_PIXELS / 2 };
    queue.add({ ...half, waitsFor: [first.promise] });
    expect(queue.isFull).toBe(false);
    queue.add({ ...half, waitsFor: [second.promise] });
    expect(queue.isFull).toBe(true);
    const room = queue.whenRoom();
    second.resolve(1);
    await Promise.resolve();
    expect(queue.isFull).toBe(true);
    first.resolve(1);
    await room;
    expect(queue.isFull).toBe(false);
  });

  it("lets go of whoever waits for room when it is disposed", async () => {
    const queue = new OperationQueue({ handleFailure: () => undefined });
    queue.add({ name: "drawCopy", run: () => undefined, waitsFor: [deferred<number>().promise] });
    const room = queue.whenRoom();
    queue.dispose();
    await expect(room).resolves.toBeUndefined();
  });

  it("reports an error of an operation that had to wait once, with its name and cause", async () => {
    const failures: Error[] = [];
    const queue = new OperationQueue({ handleFailure: (error) => failures.push(error) });
    const waiting = deferred<number>();
    const ran: string[] = [];
    queue.add({
      name: "drawFill",
      run: () => {
        throw new TypeError("a bug");
      },
      waitsFor: [waiting.promise],
    });
    queue.add({ name: "mark", run: () => ran.push("mark") });
    waiting.resolve(1);
    await new Promise((resolve) => void setImmediate(resolve));
    expect([failures.map(({ message, cause }) => [message, String(cause)]), ran]).toEqual([
      [["drawFill could not be performed", "TypeError: a bug"]],
      [],
    ]);
  });
});

import { describe, expect, it } from "vitest";
import { MediaClock } from "./media-clock.ts";

describe("the worker's media clock", () => {
  it("shows everything at once before the server has told a time", () => {
    expect(new MediaClock(() => 7).whenDue(5000)).toBe(0);
  });

  it("follows the server, and the sound while it is heard", () => {
    let now = 100;
    const clock = new MediaClock(() => now);
    clock.set(5000);
    expect([clock.whenDue(5040), clock.mediaNowMs, clock.audioDelayMs()]).toEqual([40, 5000, undefined]);
    clock.setHeard(3000, 60);
    now = 200;
    clock.set(5100);
    expect([clock.whenDue(3150), clock.audioDelayMs()]).toEqual([50, 60]);
    now = 1100;
    clock.set(6000);
    expect([clock.whenDue(6010), clock.audioDelayMs()]).toEqual([10, undefined]);
  });
});

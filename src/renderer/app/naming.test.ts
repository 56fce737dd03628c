import { describe, expect, it } from "vitest";
import type { ConsoleId, GuestId } from "../../shared/contracts/ids.ts";
import { screenshotName } from "./console-commands.ts";
import { addressOfOwnWindow, parseOwnWindow } from "./own-window.ts";

describe("a screenshot's name", () => {
  it("holds guest and time and nothing that a file system refuses", () => {
    const date = new Date(2026, 0, 5, 4, 3, 2);
    expect([screenshotName("web", date), screenshotName('a/b:c\n"d"', date), screenshotName("", date)]).toEqual([
      "web 2026-01-05 04.03.02.png",
      "a_b_c_d_ 2026-01-05 04.03.02.png",
      "guest 2026-01-05 04.03.02.png",
    ]);
  });
});

describe("the address of a console's own window", () => {
  it("says again which console it is", () => {
    const own = { guestId: "libvirt-1/a b&c=#d" as GuestId, consoleId: "serial0" as ConsoleId };
    const { hash } = new URL(addressOfOwnWindow(own), "http://127.0.0.1:8000/");
    expect(parseOwnWindow(hash)).toEqual(own);
  });

  it("is not what the start token's address is", () => {
    expect([parseOwnWindow(""), parseOwnWindow("#token=abc"), parseOwnWindow("#window=x")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

import { describe, expect, it } from "vitest";
import { guestIdOf, HostId, splitGuestId } from "./ids.ts";

describe("a guest id", () => {
  it("gives back its host and the provider's own id, also when that one holds the separator", () => {
    const hostId = HostId.parse("host-1");
    expect(splitGuestId(guestIdOf(hostId, "/run/a/b.sock"))).toEqual({ hostId, localId: "/run/a/b.sock" });
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../../shared/errors/app-error.ts";
import { qemuProvider } from "./qemu-provider.ts";
import { parseQemuUri } from "./qemu-uri.ts";

describe("QEMU's addresses", () => {
  it.each([
    ["qemu-local:", "qemu-local:", "QEMU on this computer"],
    ["qmp+unix:///run/vm/qmp.sock", "qmp+unix:///run/vm/qmp.sock", "QEMU qmp.sock"],
    ["QMP+UNIX:/run/a%20b", "qmp+unix:///run/a%20b", "QEMU a b"],
    ["qmp+tcp://Rack-A:4444/", "qmp+tcp://rack-a:4444", "QEMU rack-a:4444"],
    ["qmp+tcp://[::1]:4444", "qmp+tcp://[::1]:4444", "QEMU [::1]:4444"],
  ])("%s is %s", (uri, normal, label) => {
    expect(qemuProvider.parse(uri)).toEqual({ kind: "qemu", uri: normal, label });
  });

  it.each([["qemu:///system"], ["vnc://host"], ["qemu-local:x"], ["/run/qmp.sock"], [""]])("%j is another's", (uri) => {
    expect(qemuProvider.parse(uri)).toBeUndefined();
  });

  it.each([
    ["qmp+unix://host/path"],
    ["qmp+unix:relative"],
    ["qmp+unix:///%zz"],
    ["qmp+unix:///a%00b"],
    [`qmp+unix:///${"x".repeat(107)}`],
    ["qmp+tcp://host"],
    ["qmp+tcp://host:0"],
    ["qmp+tcp://host:65536"],
    ["qmp+tls://host:1"],
    ["qmp:"],
  ])("%s is refused with URI_INVALID", (uri) => {
    expect(() => qemuProvider.parse(uri)).toThrow(expect.objectContaining({ code: "URI_INVALID" }));
  });

  it("end in an address, undefined or URI_INVALID, and a normal form stays as it is", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string().map((rest) => `qmp+unix:///${rest}`),
      fc.webAuthority({ withPort: true }).map((rest) => `qmp+tcp://${rest}`),
    );
    fc.assert(
      fc.property(text, (uri) => {
        try {
          const parsed = parseQemuUri(uri);
          if (parsed?.kind === "qmp") expect(parseQemuUri(parsed.uri)).toEqual(parsed);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
    );
  });
});

import { homedir } from "node:os";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expandPath, parseJump, parseSshConfig } from "./ssh-config.ts";

const CONFIG = `
# a comment
IdentityFile ~/.ssh/first
Host rack-* !rack-z
  HostName %h.example.org
  User=operator
  Port 2222
  IdentityFile "~/.ssh/with space"
  ProxyJump jump
Match user root
  User nobody
Host *
  User other
  Port 99999
  ProxyJump none
`;

describe("the SSH configuration", () => {
  it("takes the first value of each setting that is meant for the host", () => {
    expect(parseSshConfig(CONFIG, "rack-a")).toEqual({
      hostName: "rack-a.example.org",
      user: "operator",
      port: 2222,
      proxyJump: "jump",
      identityFiles: ["~/.ssh/first", "~/.ssh/with space"],
      hasIdentitiesOnly: false,
    });
  });

  it("leaves out what is excluded, under Match, or not a value", () => {
    expect(parseSshConfig(CONFIG, "rack-z")).toEqual({
      user: "other",
      identityFiles: ["~/.ssh/first"],
      hasIdentitiesOnly: false,
    });
  });

  it("expands paths", () => {
    const names = { host: "rack-a", remoteUser: "root", localUser: "me" };
    expect(expandPath("~/.ssh/%u-%r@%h-%%", names)).toBe(`${homedir()}/.ssh/me-root@rack-a-%`);
  });

  it("reads a jump host", () => {
    expect(parseJump("me@rack-a:2222")).toEqual({ user: "me", host: "rack-a", port: 2222 });
    expect(parseJump("ssh://[::1]:22")).toEqual({ host: "::1", port: 22 });
    expect(parseJump("a b:c:d")).toBeUndefined();
  });

  it("survives any text", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("Host ", "Port ", "ProxyJump ", ""), (text, word) => {
        parseSshConfig(`${word}${text}\n${text}`, "rack-a");
        parseJump(text);
      }),
    );
  });
});

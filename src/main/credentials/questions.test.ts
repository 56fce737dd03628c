import { describe, expect, it } from "vitest";
import type { QuestionBody } from "../../shared/contracts/question.ts";
import { QuestionId } from "../../shared/contracts/ids.ts";
import { createQuestions } from "./questions.ts";

const PASSWORD: QuestionBody = { kind: "password", service: "VNC", target: "rack-a:5900", reason: "first" };
const HOST_KEY: QuestionBody = {
  kind: "ssh-host-key",
  target: "rack-a:22",
  keyType: "ssh-ed25519",
  fingerprint: "SHA256:x",
};
const never = new AbortController().signal;
const withListener = () => createQuestions({ hasListener: () => true });

describe("open questions", () => {
  it("are shown until they are answered", async () => {
    const questions = withListener();
    const counts: number[] = [];
    questions.onChange((open) => counts.push(open.length));
    const asking = questions.ask({}, PASSWORD, { signal: never });
    const [question] = questions.open;
    expect(question).toMatchObject({ about: {}, body: PASSWORD });
    questions.answer(question!.id, { kind: "secret", secret: "s" });
    await expect(asking).resolves.toEqual({ kind: "secret", secret: "s" });
    expect({ counts, open: questions.open }).toEqual({ counts: [1, 0], open: [] });
  });

  it("go away when what asked gives up", async () => {
    const questions = withListener();
    const abort = new AbortController();
    const asking = questions.ask({}, PASSWORD, { signal: abort.signal });
    abort.abort();
    await expect(asking).rejects.toMatchObject({ code: "CANCELLED" });
    expect(questions.open).toEqual([]);
  });

  it("fail at their own hop when nobody is there: a certificate as untrusted, a host key as not accepted", async () => {
    const nobody = createQuestions({ hasListener: () => false });
    const certificate = {
      kind: "certificate",
      target: "rack-a:16514",
      subject: "CN=rack-a",
      issuer: "CN=rack-a",
      validFrom: "",
      validTo: "",
      fingerprint: "AA",
      problem: "nobody vouches for it",
    } as const;
    await expect(nobody.ask({}, certificate, { signal: never })).rejects.toMatchObject({
      code: "TLS_UNTRUSTED",
      detail: { address: "rack-a:16514", reason: "nobody vouches for it" },
    });
    const hostKey = {
      kind: "ssh-host-key",
      target: "rack-a:22",
      keyType: "ssh-ed25519",
      fingerprint: "SHA256:x",
    } as const;
    await expect(nobody.ask({}, hostKey, { signal: never })).rejects.toMatchObject({ code: "SSH_HOST_KEY_REFUSED" });
    const takeOver = { kind: "take-over", target: "web" } as const;
    await expect(nobody.ask({}, takeOver, { signal: never })).rejects.toMatchObject({ code: "CONSOLE_BUSY" });
  });

  it("are not asked when nobody is there, nor without end", async () => {
    const nobody = createQuestions({ hasListener: () => false });
    await expect(nobody.ask({}, PASSWORD, { signal: never })).rejects.toMatchObject({
      code: "LOGIN_NEEDED",
      detail: { address: "rack-a:5900" },
    });
    const questions = withListener();
    const abort = new AbortController();
    const many = Array.from({ length: 100 }, () => questions.ask({}, PASSWORD, { signal: abort.signal }));
    await expect(questions.ask({}, PASSWORD, { signal: never })).rejects.toMatchObject({ code: "LOGIN_NEEDED" });
    abort.abort();
    await Promise.allSettled(many);
  });

  it("take only an answer of their kind, and only once", async () => {
    const questions = withListener();
    const asking = questions.ask({}, HOST_KEY, { signal: never });
    const id = questions.open[0]!.id;
    const answer = (kind: "secret" | "accept") => {
      questions.answer(id, kind === "secret" ? { kind, secret: "s" } : { kind, remember: false });
    };
    expect(() => answer("secret")).toThrow(expect.objectContaining({ code: "INVALID_REQUEST" }));
    answer("accept");
    await expect(asking).resolves.toEqual({ kind: "accept", remember: false });
    expect(() => answer("accept")).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
    expect(() => questions.answer(QuestionId.parse("x"), { kind: "refuse" })).toThrow(
      expect.objectContaining({ code: "NOT_FOUND" }),
    );
  });
});

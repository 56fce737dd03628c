import { describe, expect, it } from "vitest";
import type { Answer, QuestionBody } from "../../shared/contracts/question.ts";
import type { Ask } from "../providers/provider.ts";
import { shareQuestions } from "./shared-ask.ts";

const PASSWORD: QuestionBody = { kind: "password", service: "SPICE", target: "guest", reason: "first" };
const never = new AbortController().signal;
const given: Answer = { kind: "secret", secret: "s" };

function createPerson() {
  const asked: { body: QuestionBody; signal: AbortSignal; answer: (answer: Answer) => void }[] = [];
  const ask: Ask = (body, { signal }) =>
    new Promise((answer, reject) => {
      signal.addEventListener("abort", () => reject(new Error("taken back")));
      asked.push({ body, signal, answer });
    });
  return { asked, ask: shareQuestions(ask) };
}

describe("shared questions", () => {
  it("are asked once for all who wait, and anew after the answer", async () => {
    const { asked, ask } = createPerson();
    const waiting = [1, 2, 3].map(() => ask(PASSWORD, { signal: never }));
    expect(asked).toHaveLength(1);
    asked[0]?.answer(given);
    expect(await Promise.all(waiting)).toEqual([given, given, given]);
    const next = ask(PASSWORD, { signal: never });
    expect(asked).toHaveLength(2);
    asked[1]?.answer(given);
    await next;
  });

  it("are different when they say something else", async () => {
    const { asked, ask } = createPerson();
    const waiting = [PASSWORD, { ...PASSWORD, reason: "refused" } as const].map((body) => ask(body, { signal: never }));
    expect(asked).toHaveLength(2);
    for (const { answer } of asked) answer(given);
    await Promise.all(waiting);
  });

  it("stay while one still waits, and go when nobody does", async () => {
    const { asked, ask } = createPerson();
    const [first, second] = [new AbortController(), new AbortController()];
    const waiting = [first, second].map(({ signal }) => ask(PASSWORD, { signal }));
    first.abort();
    await expect(waiting[0]).rejects.toMatchObject({ name: "AbortError" });
    expect(asked[0]?.signal.aborted).toBe(false);
    second.abort();
    await expect(waiting[1]).rejects.toMatchObject({ name: "AbortError" });
    expect(asked[0]?.signal.aborted).toBe(true);
    const next = ask(PASSWORD, { signal: never });
    asked[1]?.answer(given);
    expect(await next).toEqual(given);
  });

  it("are not asked for one who has gone", async () => {
    const { asked, ask } = createPerson();
    await expect(ask(PASSWORD, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
    expect(asked).toEqual([]);
  });
});

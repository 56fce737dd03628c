// @vitest-environment jsdom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { GuestId, QuestionId, TabId } from "../../../shared/contracts/ids.ts";
import type { Answer, Question, QuestionBody } from "../../../shared/contracts/question.ts";
import type { Commands } from "../../store/commands.ts";
import { appStore, INITIAL_STATE } from "../../store/app-store.ts";
import { CommandsContext } from "../../store/commands-context.ts";
import { ConsoleQuestion } from "./console-question.tsx";
import { QuestionDialog } from "./question-dialog.tsx";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

const GUEST = "h/web" as GuestId;
const password: QuestionBody = { kind: "password", service: "VNC", target: "web", reason: "first" };
const hostKey: QuestionBody = {
  kind: "ssh-host-key",
  target: "rack-a:22",
  keyType: "ssh-ed25519",
  fingerprint: "SHA256:x",
};

let root: Root;
let answers: [QuestionId, Answer][];

function show(element: React.ReactNode, questions: readonly Question[]): void {
  const commands: Partial<Commands> = {
    answer: (id, answer) => {
      answers.push([id, answer]);
      return Promise.resolve();
    },
  };
  act(() => {
    appStore.setState({ questions });
    root.render(<CommandsContext value={commands as Commands}>{element}</CommandsContext>);
  });
}

const question = (body: QuestionBody): Question => ({ id: "q1" as QuestionId, about: { guestId: GUEST }, body });

async function click(name: string): Promise<void> {
  const button = [...document.querySelectorAll("button")].find((each) => each.textContent === name);
  await act(async () => {
    button?.click();
    await Promise.resolve();
  });
}

beforeEach(() => {
  answers = [];
  appStore.setState(INITIAL_STATE, true);
  root = createRoot(document.body.appendChild(document.createElement("div")));
});

afterEach(() => {
  act(() => {
    root.unmount();
  });
  document.body.replaceChildren();
});

describe("question dialog", () => {
  it("sends the secret once and keeps it nowhere", async () => {
    show(<QuestionDialog />, [question(password)]);
    const input = document.querySelector<HTMLInputElement>("input[type=password]")!;
    input.value = "swordfish";
    await click("Continue");
    expect(answers).toEqual([["q1", { kind: "secret", secret: "swordfish" }]]);
    expect(input.value).toBe("");
    expect(document.body.innerHTML).not.toContain("swordfish");
    expect(JSON.stringify(appStore.getState())).not.toContain("swordfish");
  });

  it("takes a console over only when that is said, with the focus on leaving it", async () => {
    show(<ConsoleQuestion guestId={GUEST} />, [question({ kind: "take-over", target: "web" })]);
    expect(document.activeElement?.textContent).toBe("Leave it");
    await click("Take over");
    await click("Leave it");
    expect(answers.map(([, answer]) => answer)).toEqual([{ kind: "accept", remember: false }, { kind: "refuse" }]);
  });

  it("offers to trust a key always, once, or not, with the focus on not", async () => {
    show(<QuestionDialog />, [question(hostKey)]);
    expect(document.activeElement?.textContent).toBe("Refuse");
    await click("Only this time");
    await click("Trust always");
    await click("Refuse");
    expect(answers.map(([, answer]) => answer)).toEqual([
      { kind: "accept", remember: false },
      { kind: "accept", remember: true },
      { kind: "refuse" },
    ]);
  });

  it("does not take the keyboard from a live guest in which somebody types", async () => {
    const tabId = "t" as TabId;
    appStore.setState({
      isKeyboardInGuest: true,
      activeTabId: tabId,
      tabs: [{ id: tabId, state: { phase: "live" } } as (typeof INITIAL_STATE.tabs)[number]],
    });
    show(<QuestionDialog />, [question(password)]);
    expect(document.querySelector("[role=dialog]")).toBeNull();
    await click("Show");
    expect(document.querySelector("[role=dialog]")).not.toBeNull();
  });

  it("leaves a console's question to that console where it is told to", () => {
    show(<QuestionDialog leavesConsoleQuestions />, [question(password)]);
    expect(document.querySelector("[role=dialog]")).toBeNull();
    show(<ConsoleQuestion guestId={GUEST} />, [question(password)]);
    expect(document.querySelector("[role=dialog] h2")?.textContent).toBe("Password for web");
  });
});

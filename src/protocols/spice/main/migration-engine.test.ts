import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { ListedChannel, MigrationTarget } from "./main-messages.ts";
import { type MigrationAction, MigrationEngine } from "./migration-engine.ts";

const TARGET: MigrationTarget = { host: "b", port: 5900, securePort: undefined, certificateSubject: undefined };
const MAIN: ListedChannel = { kind: "main", channelId: 0 };
const DISPLAY: ListedChannel = { kind: "display", channelId: 0 };
const CURSOR: ListedChannel = { kind: "cursor", channelId: 0 };
const CHANNELS = [MAIN, DISPLAY, CURSOR];

/** Each action in a word or two. */
function harness(): { engine: MigrationEngine; said: string[] } {
  const said: string[] = [];
  const handleAction = (action: MigrationAction): void => {
    if (action.kind === "openChannel") said.push(`open ${action.channel.kind} at ${action.target.host}`);
    else if (action.kind === "move") said.push(`move ${action.channel.kind} ${action.serials}`);
    else if (action.kind === "answer") said.push(action.answer);
    else said.push(action.kind);
  };
  return { engine: new MigrationEngine({ handleAction }), said };
}

function ready(seamlessVersion: number | undefined, answer?: boolean): ReturnType<typeof harness> {
  const made = harness();
  made.engine.handleBegin({ target: TARGET, seamlessVersion, channels: CHANNELS });
  made.engine.candidateOpened(MAIN, { hasSeamlessMigrate: true });
  if (answer !== undefined) made.engine.handleSeamlessAnswer(answer);
  made.engine.candidateOpened(DISPLAY);
  made.engine.candidateOpened(CURSOR);
  return made;
}

describe("migration, semi-seamless", () => {
  it("opens main, then the others, answers, and moves main at the end and the others at INIT", () => {
    const { engine, said } = ready(undefined);
    expect(said).toEqual(["open main at b", "holdMain", "open display at b", "open cursor at b", "connected"]);
    said.length = 0;
    engine.handleEnd();
    expect(said).toEqual(["move main restart"]);
    engine.handleInit();
    expect(said).toEqual(["move main restart", "move display restart", "move cursor restart", "finished"]);
    expect(engine.isIdle).toBe(true);
  });

  it("tells the old host when a channel cannot be opened, and lets the others go", () => {
    const { engine, said } = harness();
    engine.handleBegin({ target: TARGET, seamlessVersion: undefined, channels: CHANNELS });
    engine.candidateOpened(MAIN);
    engine.candidateFailed(DISPLAY);
    engine.candidateOpened(CURSOR);
    expect(said.slice(4)).toEqual(["discardCandidates", "failed"]);
  });

  it("lets the candidates go when the guest stays, and begins anew when asked again", () => {
    const { engine, said } = ready(undefined);
    engine.handleCancel();
    expect([said.at(-1), engine.isIdle]).toEqual(["discardCandidates", true]);
    engine.handleCancel();
    engine.handleBegin({ target: TARGET, seamlessVersion: undefined, channels: [MAIN] });
    engine.handleBegin({ target: TARGET, seamlessVersion: undefined, channels: [MAIN] });
    expect(said.slice(-3)).toEqual(["open main at b", "discardCandidates", "open main at b"]);
  });
});

describe("migration, seamless", () => {
  it("asks the other host, and moves each channel when the old host ends it", () => {
    const { engine, said } = ready(1, true);
    expect(said.slice(1)).toEqual([
      "requestSeamless",
      "open display at b",
      "open cursor at b",
      "holdMain",
      "connectedSeamless",
    ]);
    said.length = 0;
    engine.handleChannelMigrate(CURSOR);
    engine.handleChannelMigrate(MAIN);
    engine.handleChannelMigrate(DISPLAY);
    expect(said).toEqual(["move cursor keep", "move main keep", "move display keep", "finished"]);
    expect(engine.isIdle).toBe(true);
  });

  it("answers only when the other host has said whether it can, however late", () => {
    const { engine, said } = ready(1);
    expect(said.at(-1)).toBe("open cursor at b");
    engine.handleSeamlessAnswer(false);
    expect(said.at(-1)).toBe("connected");
    engine.handleEnd();
    expect(said.at(-1)).toBe("move main restart");
  });

  it("does not ask a host that does not know how", () => {
    const { engine, said } = harness();
    engine.handleBegin({ target: TARGET, seamlessVersion: 1, channels: [MAIN] });
    engine.candidateOpened(MAIN, { hasSeamlessMigrate: false });
    expect(said).toEqual(["open main at b", "holdMain", "connected"]);
  });
});

describe("migration, switch host", () => {
  it("connects anew, whatever was prepared", () => {
    const { engine, said } = ready(undefined);
    engine.handleSwitchHost(TARGET);
    expect(said.slice(-2)).toEqual(["discardCandidates", "reconnect"]);
  });
});

describe("migration, a lying server", () => {
  it.each<[string, (engine: MigrationEngine) => void]>([
    ["an answer that nothing asked for", (engine) => engine.handleSeamlessAnswer(true)],
    ["a migration ends that was not prepared", (engine) => engine.handleEnd()],
    ["a channel is handed over without a migration", (engine) => engine.handleChannelMigrate(DISPLAY)],
  ])("%s", (message, act) => {
    expect(() => {
      act(harness().engine);
    }).toThrow(expect.objectContaining({ name: "ProtocolError", message }));
  });

  it("cannot cancel or begin again once channels have moved, nor hand one over twice", () => {
    const { engine } = ready(1, true);
    engine.handleChannelMigrate(CURSOR);
    expect(() => {
      engine.handleCancel();
    }).toThrow("a migration is cancelled after channels have moved");
    expect(() => {
      engine.handleBegin({ target: TARGET, seamlessVersion: 1, channels: CHANNELS });
    }).toThrow("a migration begins within another");
    expect(() => {
      engine.handleChannelMigrate(CURSOR);
    }).toThrow("a channel is handed over without a migration");
  });

  it("moves no channel twice and opens none twice, whatever order things come in", () => {
    const channel = fc.constantFrom(...CHANNELS);
    const step = fc.oneof(
      fc.constantFrom(undefined, 1).map((seamlessVersion) => (engine: MigrationEngine) => {
        engine.handleBegin({ target: TARGET, seamlessVersion, channels: CHANNELS });
      }),
      channel.map((one) => (engine: MigrationEngine) => {
        engine.candidateOpened(one, { hasSeamlessMigrate: true });
      }),
      channel.map((one) => (engine: MigrationEngine) => {
        engine.candidateFailed(one);
      }),
      channel.map((one) => (engine: MigrationEngine) => {
        engine.handleChannelMigrate(one);
      }),
      fc.boolean().map((isAccepted) => (engine: MigrationEngine) => {
        engine.handleSeamlessAnswer(isAccepted);
      }),
      fc.constantFrom("handleCancel", "handleEnd", "handleInit").map((method) => (engine: MigrationEngine) => {
        engine[method as "handleEnd"]();
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { engine, said } = harness();
        for (const act of steps) {
          try {
            act(engine);
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        }
        // Between two ends of a migration, nothing happens twice.
        const attempts = said.join("\n").split(/discardCandidates|finished/);
        for (const attempt of attempts) {
          const acts = attempt.split("\n").filter((line) => /^(open|move)/.test(line));
          expect(new Set(acts).size).toBe(acts.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});

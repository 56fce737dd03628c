import { describe, expect, it } from "vitest";
import { linkReplyBytes, miniMessage } from "../../../testing/spice-messages.ts";
import { capabilityWords, MAIN_CAPABILITY } from "../constants/capabilities.ts";
import { SpiceChannel } from "../wire/spice-channel.ts";
import { SpiceWriter } from "../wire/spice-writer.ts";
import { MainChannel } from "./main-channel.ts";
import type { ListedChannel } from "./main-messages.ts";
import { type CandidateRequest, SessionMover } from "./session-mover.ts";

const MAIN: ListedChannel = { kind: "main", channelId: 0 };
const DISPLAY: ListedChannel = { kind: "display", channelId: 0 };
const MIGRATE_NOW = miniMessage(1, new SpiceWriter().u32(0));
const SEAMLESS = capabilityWords([MAIN_CAPABILITY.seamlessMigrate]);

const u32 = (...values: number[]): SpiceWriter => values.reduce((to, value) => to.u32(value), new SpiceWriter());
const init = miniMessage(103, u32(77, 1, 3, 2, 0, 10, 0, 0));

/** "migrate_begin" or, with a version, "migrate_begin_seamless", to host b at port 5900. */
function begin(version?: number): Uint8Array {
  const at = version === undefined ? 20 : 24;
  const body = new SpiceWriter().u16(5900).u16(0).u32(2).u32(at).u32(0).u32(0);
  if (version !== undefined) body.u32(version);
  return miniMessage(version === undefined ? 101 : 116, body.u8(0x62).u8(0));
}

/** A fake host's end of one channel. */
interface Wire {
  readonly channel: SpiceChannel;
  /** Types of messages that the host got. */
  readonly got: number[];
  readonly request?: CandidateRequest;
  dispose(): void;
}

/** A session with a main and a display channel to one host, and another host that takes what is opened there. */
class World {
  readonly said: string[] = [];
  readonly own = new Map<string, Wire>();
  readonly there = new Map<string, Wire>();
  readonly displayMessages: number[] = [];
  readonly main: MainChannel;
  readonly mover: SessionMover<Wire>;
  failure: string | undefined;
  refuses = new Set<string>();
  /** Answers of openCandidate that wait for `release`. */
  readonly held: (() => void)[] = [];
  isHolding = false;

  constructor() {
    this.main = new MainChannel({
      sendMessage: (type, body) => this.own.get("main")?.channel.sendMessage(type, body),
      handleEvent: (event) => {
        if (event.kind === "init") this.said.push("init");
        this.mover.handleMainEvent(event);
      },
    });
    this.mover = new SessionMover<Wire>({
      main: this.main,
      listOpen: () => [MAIN, DISPLAY],
      channelOf: ({ kind }) => this.own.get(kind)?.channel,
      openCandidate: (request) => this.#open(request),
      resetEngine: ({ kind }) => this.said.push(`reset ${kind}`),
      handleMoved: ({ kind }) => this.said.push(`moved ${kind}`),
      handleFinished: ({ host }) => this.said.push(`finished at ${host}`),
      handleReconnect: ({ host }) => this.said.push(`reconnect to ${host}`),
    });
    for (const listed of [MAIN, DISPLAY]) this.own.set(listed.kind, this.#connect(listed));
    for (const { channel } of this.own.values()) channel.receive(linkReplyBytes());
    this.host("main", init);
    this.own.get("main")!.got.length = 0;
    this.said.length = 0;
  }

  /** What the first host says. */
  host(kind: string, ...messages: Uint8Array[]): void {
    for (const message of messages) this.own.get(kind)!.channel.receive(message);
  }

  /** The other host ends the link and says something. */
  async link(kind: string, capabilities: readonly number[] = [], ...messages: Uint8Array[]): Promise<void> {
    const { channel } = this.there.get(kind)!;
    channel.receive(linkReplyBytes({ channel: capabilities }));
    for (const message of messages) channel.receive(message);
    await this.turn();
  }

  async turn(): Promise<void> {
    for (let count = 0; count < 10; count += 1) await Promise.resolve();
  }

  async #open(request: CandidateRequest): Promise<Wire> {
    const { kind } = request.channel;
    this.said.push(`open ${kind} with session ${String(request.sessionId)}`);
    if (this.isHolding) await new Promise<void>((resolve) => this.held.push(resolve));
    if (this.refuses.has(kind)) throw new Error("refused");
    const wire = { ...this.#connect(request.channel, request), request };
    this.there.set(kind, wire);
    return wire;
  }

  #connect({ kind, channelId }: ListedChannel, request?: CandidateRequest): Wire {
    const got: number[] = [];
    const channel = new SpiceChannel({
      kind,
      channelId,
      send: (bytes) => got.push(bytes[0]!),
      startsOnHold: request !== undefined,
      handleMessage: (message) => {
        if (request !== undefined) request.handleMessage(message);
        else if (kind === "main") this.main.handleMessage(message);
        else this.displayMessages.push(message.type);
      },
      handleEvent: (event) => {
        if (event.kind === "failed") this.failure = event.error.message;
        if (request !== undefined) request.handleEvent(event);
        else if (event.kind === "migrate") this.mover.handleChannelMigrate({ kind, channelId });
      },
    });
    return {
      channel,
      got,
      dispose: () => {
        this.said.push(`closed ${kind}`);
        channel.dispose();
      },
    };
  }
}

/** With both channels open at the other host. */
async function prepared(options: { version?: number; answer?: number } = {}): Promise<World> {
  const world = new World();
  world.host("main", begin(options.version));
  await world.turn();
  await world.link("main", SEAMLESS, ...(options.answer === undefined ? [] : [miniMessage(options.answer)]));
  await world.link("display");
  return world;
}

const [ACK_SEAMLESS, NACK_SEAMLESS] = [117, 118] as const;

describe("session mover", () => {
  it("moves each channel without a break when both hosts can", async () => {
    const world = await prepared({ version: 1, answer: ACK_SEAMLESS });
    expect([world.own.get("main")!.got, world.there.get("main")!.got]).toEqual([[111], [110]]);
    world.there.get("display")!.channel.receive(miniMessage(304));
    expect(world.displayMessages).toEqual([]);
    world.host("display", MIGRATE_NOW);
    expect(world.mover.isBusy).toBe(true);
    world.host("main", MIGRATE_NOW);
    expect(world.displayMessages).toEqual([304]);
    expect(world.said).toEqual([
      "open main with session 77",
      "open display with session 77",
      "moved display",
      "moved main",
      "finished at b",
    ]);
    expect([world.mover.isBusy, world.failure]).toEqual([false, undefined]);
    // Main goes on with the other host.
    world.there.get("main")!.channel.receive(init);
    expect(world.said.at(-1)).toBe("init");
  });

  it("moves main at the end, and the others once the other host begins", async () => {
    const world = await prepared({ version: 1, answer: NACK_SEAMLESS });
    expect(world.own.get("main")!.got).toEqual([102]);
    world.there.get("main")!.got.length = 0;
    world.host("main", miniMessage(112));
    expect(world.there.get("main")!.got).toEqual([109]);
    world.there.get("main")!.channel.receive(init);
    // No ATTACH_CHANNELS: they are there.
    expect(world.there.get("main")!.got).toEqual([109]);
    expect(world.said.slice(2)).toEqual([
      "reset main",
      "moved main",
      "init",
      "reset display",
      "moved display",
      "finished at b",
    ]);
    expect(world.failure).toBeUndefined();
  });

  it("tells the host when a channel cannot be opened there, and closes what was", async () => {
    const world = new World();
    world.refuses.add("display");
    world.host("main", begin());
    await world.turn();
    await world.link("main");
    expect(world.own.get("main")!.got).toEqual([103]);
    expect([world.said.at(-1), world.mover.isBusy]).toEqual(["closed main", false]);
  });

  it.each<[string, (world: World) => void]>([
    ["breaks the protocol", (world) => world.there.get("display")!.channel.receive(new Uint8Array(300))],
    ["hangs up", (world) => world.there.get("display")!.request!.handleEnd()],
  ])("takes a host that %s before the link's end for one that cannot", async (_, act) => {
    const world = new World();
    world.host("main", begin());
    await world.turn();
    await world.link("main");
    act(world);
    expect(world.own.get("main")!.got).toEqual([103]);
  });

  it("stays when the move is cancelled, and closes also what opens only later", async () => {
    const world = new World();
    world.isHolding = true;
    world.host("main", begin(), miniMessage(102));
    world.held[0]?.();
    await world.turn();
    expect([world.said, world.mover.isBusy]).toEqual([["open main with session 77", "closed main"], false]);
    const other = await prepared();
    other.host("main", miniMessage(102));
    expect(other.said.slice(-2)).toEqual(["closed main", "closed display"]);
    other.host("display", miniMessage(304));
    expect(other.displayMessages).toEqual([304]);
  });

  it("does not move a channel that has ended here", async () => {
    const world = await prepared();
    world.own.delete("display");
    world.host("main", miniMessage(112));
    world.there.get("main")!.channel.receive(init);
    expect(world.said.slice(-2)).toEqual(["closed display", "finished at b"]);
  });

  it("connects anew where nothing was prepared", () => {
    const world = new World();
    world.host(
      "main",
      miniMessage(111, new SpiceWriter().u16(5900).u16(0).u32(2).u32(20).u32(0).u32(0).u8(0x62).u8(0)),
    );
    expect(world.said).toEqual(["reconnect to b"]);
  });

  it("ends the session of a lying server", () => {
    const world = new World();
    world.host("display", MIGRATE_NOW);
    expect(world.failure).toBe("display channel, migrate: a channel is handed over without a migration");
    world.host("main", miniMessage(112));
    expect(world.failure).toBe("main channel, migrateEnd: a migration ends that was not prepared");
  });

  it("leaves nothing open when the session ends", async () => {
    const world = await prepared();
    world.mover.dispose();
    expect(world.said.slice(-2)).toEqual(["closed main", "closed display"]);
  });
});

import { beforeEach, describe, expect, it } from "vitest";
import {
  PORT_CLIENT_MESSAGE,
  PORT_MESSAGE,
  SPICEVMC_CLIENT_MESSAGE,
  SPICEVMC_MESSAGE,
} from "../../../../protocols/spice/constants/message-types.ts";
import { SpiceWriter } from "../../../../protocols/spice/wire/spice-writer.ts";
import { encodeFrame } from "../../../../protocols/webdav/stream-multiplexer.ts";
import { MemoryFolder } from "../../../../testing/memory-folder.ts";
import type { FolderFacts, FromWorker } from "../worker-messages.ts";
import type { ChannelEngine } from "./channel-set.ts";
import { FolderShare, HIGH_WATER_BYTES, type ShareableFolder } from "./folder-share.ts";

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let said: FromWorker[];
let sent: [number, Uint8Array][];
let unsentBytes: number;
let share: FolderShare;
let engine: ChannelEngine;

const say = async (type: number, body: Uint8Array): Promise<void> => {
  await engine.handleMessage({ type, serial: 1n, body });
};
const ask = async (method: string, path: string): Promise<string> => {
  sent = [];
  const data = new TextEncoder().encode(`${method} ${path} HTTP/1.1\r\nContent-Length: 0\r\n\r\n`);
  await say(SPICEVMC_MESSAGE.data, encodeFrame({ clientId: 5n, data }));
  for (let round = 0; round < 3; round += 1) await settled();
  const frames = sent.filter(([type]) => type === SPICEVMC_CLIENT_MESSAGE.data);
  return frames.map(([, frame]) => new TextDecoder().decode(frame.subarray(10))).join("");
};
const facts = (): FolderFacts | undefined => said.findLast((message) => message.kind === "folder")?.folder;
const folderNamed = (name: string, text: string): ShareableFolder =>
  Object.assign(new MemoryFolder({ files: { "a.txt": text } }), { name });

beforeEach(async () => {
  said = [];
  sent = [];
  unsentBytes = 0;
  share = new FolderShare({
    post: (message) => said.push(message),
    handleFailure: (error) => {
      throw error;
    },
  });
  engine = share.add({
    sendMessage: (type, body = new Uint8Array(0)) => sent.push([type, body]),
    hasServerCapability: () => false,
    waitForChannels: () => undefined,
    unsentBytes: () => unsentBytes,
  });
  const name = new TextEncoder().encode("org.spice-space.webdav.0\0");
  await say(PORT_MESSAGE.init, new SpiceWriter().u32(name.length).u32(9).u8(1).bytes(name).finish());
});

describe("FolderShare", () => {
  it("gives the guest a folder from the moment that the user shares it until they do not", async () => {
    expect(facts()).toEqual({ isGuestReady: true, name: undefined, isWritable: false });
    expect(await ask("GET", "/a.txt")).toMatch(/^HTTP\/1.1 403 /);
    share.share(folderNamed("first", "one"));
    expect(sent.at(-1)).toEqual([PORT_CLIENT_MESSAGE.event, Uint8Array.of(0)]);
    expect(facts()).toEqual({ isGuestReady: true, name: "first", isWritable: false });
    expect(await ask("GET", "/a.txt")).toMatch(/one$/);
    share.share(undefined);
    expect(sent.at(-1)).toEqual([PORT_CLIENT_MESSAGE.event, Uint8Array.of(1)]);
    expect(await ask("GET", "/a.txt")).toMatch(/^HTTP\/1.1 403 /);
    engine.handleEnd?.();
    expect(facts()).toBeUndefined();
  });

  it("lets the guest write only after the user has said so", async () => {
    const folder = folderNamed("mine", "one");
    share.share(folder);
    expect(await ask("DELETE", "/a.txt")).toMatch(/^HTTP\/1.1 403 /);
    share.setWritable(true);
    expect(facts()).toMatchObject({ isWritable: true });
    expect(await ask("DELETE", "/a.txt")).toMatch(/^HTTP\/1.1 204 /);
    share.setWritable(false);
    expect(await ask("MKCOL", "/b")).toMatch(/^HTTP\/1.1 403 /);
  });

  it("reads no more of a file while the socket is full", async () => {
    share.share(folderNamed("mine", "one"));
    unsentBytes = HIGH_WATER_BYTES + 1;
    expect(await ask("GET", "/a.txt")).toMatch(/\r\n\r\n$/);
    share.dispose();
  });

  it("begins anew when the guest's end is closed and opened", async () => {
    share.share(folderNamed("mine", "one"));
    await say(SPICEVMC_MESSAGE.data, Uint8Array.of(1, 2, 3));
    await say(PORT_MESSAGE.event, Uint8Array.of(1));
    expect(facts()).toMatchObject({ isGuestReady: false });
    await say(PORT_MESSAGE.event, Uint8Array.of(0));
    expect(await ask("GET", "/a.txt")).toMatch(/one$/);
  });
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../shared/errors/app-error.ts";
import { hostIdOf } from "../inventory/inventory.ts";
import { SettingsStore } from "../settings/settings-store.ts";
import { AddressBookApi } from "./address-book-api.ts";

let folder: string;
let settings: SettingsStore;
let book: AddressBookApi;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-book-"));
  settings = await SettingsStore.load(folder);
  book = new AddressBookApi({
    settings,
    parse: (uri) => {
      if (!uri.startsWith("vnc://")) throw new AppError("URI_INVALID", "not one console", { uri, reason: "no" });
      // As the provider does: the address that is kept holds no password.
      return { kind: "address-book", uri: uri.replace(/:[^:@/]*@/, "@"), label: uri.slice(6) };
    },
  });
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const entries = () => settings.settings.addressBook;

describe("the address book", () => {
  it("keeps an address under a name, or under its label where none was given", async () => {
    const config = { kind: "address-book", uri: "vnc://a", label: "a" };
    const hostId = await book.add(config, "Printer");
    await book.add(config, "");
    await book.add(config, undefined);
    expect(entries().map(({ name, uri }) => [name, uri])).toEqual([
      ["Printer", "vnc://a"],
      ["a", "vnc://a"],
      ["a", "vnc://a"],
    ]);
    expect(new Set(entries().map(({ id }) => id)).size).toBe(3);
    expect(hostId).toBe(hostIdOf({ kind: "address-book", uri: "address-book:" }));
  });

  it("replaces the entry with the same id, in its place, and keeps no password", async () => {
    await book.put({ id: "1", name: "one", uri: "vnc://one" });
    await book.put({ id: "2", name: "two", uri: "vnc://two" });
    await book.put({ id: "1", name: "uno", uri: "vnc://me:secret@one" });
    expect(entries()).toEqual([
      { id: "1", name: "uno", uri: "vnc://me@one" },
      { id: "2", name: "two", uri: "vnc://two" },
    ]);
  });

  it("refuses an address that is none, and changes nothing", async () => {
    await expect(book.put({ id: "1", name: "one", uri: "qemu:///system" })).rejects.toMatchObject({
      code: "URI_INVALID",
    });
    expect(entries()).toEqual([]);
  });

  it("removes by id, and does not mind an id that is not there", async () => {
    await book.put({ id: "1", name: "one", uri: "vnc://one" });
    await book.remove("2");
    expect(entries()).toHaveLength(1);
    await book.remove("1");
    expect(entries()).toEqual([]);
  });

  it("imports what it exported, and none of a file that is broken", async () => {
    await book.put({ id: "1", name: "one", uri: "vnc://one:5900" });
    await book.put({ id: "2", name: "two", uri: "vnc://two:5900", group: "Lab" });
    const text = book.export();
    const before = entries();
    await book.remove("1");
    await book.remove("2");
    expect(await book.import(text)).toBe(2);
    expect(entries()).toMatchObject(before.map(({ name, uri }) => ({ name, uri })));
    const kept = entries();
    await expect(book.import("{")).rejects.toMatchObject({ code: "IMPORT_INVALID" });
    expect(entries()).toEqual(kept);
  });
});

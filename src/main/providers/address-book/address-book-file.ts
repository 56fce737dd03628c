import { createHash } from "node:crypto";
import { z } from "zod";
import { AddressBookEntry } from "../../../shared/contracts/settings.ts";
import { ProtocolError } from "../../../protocols/bytes/protocol-error.ts";
import { isConnectionFile, parseConnectionFile } from "../../../protocols/connection-file/connection-file.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import { parseAddressBookUri, uriOfTypedVncAddress } from "./address-book-uri.ts";
import { keptAddressOf } from "./connection-target.ts";
import { parseCsv } from "./csv.ts";

/**
 * Address books as files. Written: our own JSON. Read: that, CSV with `name,uri,group`, and one connection of a
 * Remmina (`.remmina`), TigerVNC (`.tigervnc`), RealVNC (`.vnc`) or virt-viewer (`.vv`) file. Passwords in a file are never taken over.
 */

/** 10,000 entries of ordinary length have about 2 MB. */
export const MAX_IMPORT_LENGTH = 8 * 1024 * 1024;
const MAX_ENTRIES = 10_000;

const FORMAT_NAME = "switchyard-address-book";

const ImportedEntry = AddressBookEntry.extend({ id: AddressBookEntry.shape.id.optional() });
const JsonFile = z.object({ format: z.literal(FORMAT_NAME), version: z.literal(1), entries: z.array(z.unknown()) });

function invalid(reason: string, cause?: unknown): AppError {
  return new AppError("IMPORT_INVALID", "address book file not understood", { reason }, { cause });
}

export function formatAddressBookFile(entries: readonly AddressBookEntry[]): string {
  return `${JSON.stringify({ format: FORMAT_NAME, version: 1, entries }, undefined, 2)}\n`;
}

/** All entries of a file. Throws IMPORT_INVALID, which names the line or entry; then none is taken. */
export function parseAddressBookFile(text: string): AddressBookEntry[] {
  if (text.length > MAX_IMPORT_LENGTH) throw invalid(`it has more than ${MAX_IMPORT_LENGTH / 1024 / 1024} MB`);
  const content = text.replace(/^\uFEFF/, "").trim();
  if (content === "") throw invalid("it is empty");
  if (content.startsWith("{") || /^\[\s*[{\]]/.test(content)) return parseJson(content);
  if (isConnectionFile(content)) return [entryOfConnectionFile(content)];
  if (/^\[(?:remmina|connection)\]/im.test(content) || /^TigerVNC Configuration file/i.test(content)) {
    return [parseViewerFile(content)];
  }
  return parseTable(content);
}

function parseJson(content: string): AddressBookEntry[] {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw invalid(`it is not JSON (${jsonFault(content, error)})`, error);
  }
  const file = Array.isArray(value) ? { entries: value as unknown[] } : JsonFile.safeParse(value).data;
  if (file === undefined) throw invalid("it is JSON, but not an address book");
  limited(file.entries.length);
  return file.entries.map((entry, index) => {
    const parsed = ImportedEntry.safeParse(entry);
    if (parsed.success) return entryOf(parsed.data, `entry ${index + 1}`);
    const path = parsed.error.issues[0]?.path.join(".") ?? "";
    throw invalid(`entry ${index + 1} has no right ${path === "" ? "form" : path}`);
  });
}

function limited(count: number): void {
  if (count > MAX_ENTRIES) throw invalid(`it has more than ${MAX_ENTRIES} entries`);
}

/** V8 says "… at position 17 (line 3 column 2)", and nothing at all about the text's end. */
function jsonFault(content: string, error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  const line = /\(line (\d+)/.exec(message)?.[1];
  if (line !== undefined) return `line ${line}`;
  const position = /position (\d+)/.exec(message)?.[1];
  const before = position === undefined ? content : content.slice(0, Number(position));
  return `line ${before.split("\n").length}`;
}

function parseTable(content: string): AddressBookEntry[] {
  const rows = parseCsv(content).filter(({ fields }) => fields.some((field) => field.trim() !== ""));
  limited(rows.length);
  const hasHeader = rows[0]?.fields.slice(0, 2).join(",").toLowerCase().replaceAll(" ", "") === "name,uri";
  return rows.slice(hasHeader ? 1 : 0).map(({ fields, line }) => {
    const [name = "", uri = "", group] = fields.map((field) => field.trim());
    const where = `line ${line}`;
    if (fields.length < 2) throw invalid(`${where} has no address; the form is name,uri,group`);
    return entryOf({ name: name === "" ? uri : name, uri, group }, where);
  });
}

function entryOfConnectionFile(content: string): AddressBookEntry {
  try {
    return entryOf(keptAddressOf(parseConnectionFile(content)), "the connection");
  } catch (error) {
    if (error instanceof ProtocolError) throw invalid(error.message, error);
    if (error instanceof AppError && error.code === "CONNECTION_FILE_INVALID") {
      throw invalid(String(error.detail["reason"]), error);
    }
    throw error;
  }
}

/** Files of other viewers: `key=value` lines below a heading. */
function parseViewerFile(content: string): AddressBookEntry {
  const valueByKey = new Map<string, string>();
  for (const line of content.split(/\r?\n/)) {
    const equals = line.indexOf("=");
    if (equals > 0) valueByKey.set(line.slice(0, equals).trim().toLowerCase(), line.slice(equals + 1).trim());
  }
  const protocol = valueByKey.get("protocol") ?? "VNC";
  if (protocol.toUpperCase() !== "VNC") throw invalid(`its protocol ${protocol.slice(0, 20)} is not VNC`);
  const server = valueByKey.get("server") ?? valueByKey.get("servername") ?? valueByKey.get("host") ?? "";
  const uri = uriOfTypedVncAddress(server);
  if (uri === undefined) throw invalid("it has no server that is understood");
  const name = valueByKey.get("name") ?? valueByKey.get("friendlyname") ?? "";
  return entryOf({ name: name === "" ? server : name, uri, group: valueByKey.get("group") }, "the connection");
}

interface Draft {
  readonly id?: string | undefined;
  readonly name: string;
  readonly uri: string;
  readonly group?: string | undefined;
}

function entryOf(draft: Draft, where: string): AddressBookEntry {
  const uri = normalUri(draft.uri, where);
  // The same line imported twice replaces its entry instead of standing there twice.
  const id = draft.id ?? createHash("sha256").update(`${draft.name}\n${uri}`).digest("hex").slice(0, 32);
  const group = draft.group === "" ? undefined : draft.group;
  const entry = AddressBookEntry.safeParse({ id, name: draft.name, uri, ...(group === undefined ? {} : { group }) });
  if (!entry.success) throw invalid(`${where} has no right ${entry.error.issues[0]?.path.join(".") ?? "form"}`);
  return entry.data;
}

function normalUri(text: string, where: string): string {
  try {
    const parsed = parseAddressBookUri(text);
    if (parsed !== undefined) return parsed.uri;
  } catch (error) {
    if (error instanceof AppError) throw invalid(`${where}: ${String(error.detail["reason"])}`, error);
    throw error;
  }
  throw invalid(`${where} has an address that no console has`);
}

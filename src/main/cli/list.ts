import { readableError } from "../../shared/errors/error-text.ts";
import type { GuestSnapshot, HostSnapshot } from "../../shared/contracts/inventory.ts";
import type { Host } from "../host.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import { DisposableStore } from "../../shared/lifecycle/disposable.ts";

/** A host that has not answered after this time is reported as such. */
const LIST_TIMEOUT_MS = 20_000;

interface Listing {
  readonly hosts: readonly (Pick<HostSnapshot, "label" | "uri" | "kind"> & {
    readonly error?: string;
    readonly guests: readonly Pick<GuestSnapshot, "id" | "name" | "state" | "consoles">[];
  })[];
}

/** What is there, once every host has answered or failed. */
export async function makeListing(host: Host): Promise<Listing> {
  await host.discovered;
  await settled(host);
  return {
    hosts: host.inventory.hosts.map(({ id, label, uri, kind, state }) => ({
      label,
      uri,
      kind,
      ...(state.phase === "live"
        ? {}
        : { error: state.phase === "failed" ? oneLine(state.error) : "it did not answer in time" }),
      guests: host.inventory.guests
        .filter((guest) => guest.hostId === id)
        .map((guest) => ({ id: guest.id, name: guest.name, state: guest.state, consoles: guest.consoles })),
    })),
  };
}

export function isComplete(listing: Listing): boolean {
  return listing.hosts.every(({ error }) => error === undefined);
}

/** A table for people: host, guest, state, consoles. */
export function formatListing(listing: Listing): string {
  const rows: string[][] = [["HOST", "GUEST", "STATE", "CONSOLES"]];
  for (const { label, guests, error } of listing.hosts) {
    for (const guest of guests) {
      const usable = guest.consoles.filter(({ unavailable }) => unavailable === undefined);
      rows.push([label, guest.name, guest.state, usable.map(({ id }) => id).join(" ") || "-"].map(printable));
    }
    if (guests.length === 0 && error === undefined) rows.push([label, "(none)", "-", "-"].map(printable));
  }
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  if (listing.hosts.length === 0) return "No host was found. Name one with --connect URI.\n";
  return `${lines.join("\n")}\n`;
}

/** A reason for each host that failed, for stderr. */
export function formatFailures(listing: Listing): string {
  return listing.hosts
    .filter(({ error }) => error !== undefined)
    .map(({ label, uri, error }) => `${printable(`${label} (${uri}): ${error ?? ""}`)}\n`)
    .join("");
}

/** Names come from hosts; a line break or an escape sequence in one must not reach the terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\u{FFFD}");
}

function oneLine(error: Parameters<typeof readableError>[0]): string {
  const { text, act } = readableError(error);
  return act === undefined ? text : `${text} ${act}`;
}

async function settled(host: Host): Promise<void> {
  const owned = new DisposableStore();
  const isSettled = (): boolean => host.inventory.hosts.every(({ state }) => state.phase !== "connecting");
  try {
    await new Promise<void>((resolve) => {
      owned.add(after(LIST_TIMEOUT_MS, resolve));
      owned.add(
        host.inventory.onChange(() => {
          if (isSettled()) resolve();
        }),
      );
      if (isSettled()) resolve();
    });
  } finally {
    owned.dispose();
  }
}

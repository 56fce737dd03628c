import { AppError } from "../../shared/errors/app-error.ts";
import { type GuestId, type TabId } from "../../shared/contracts/ids.ts";
import { type GuestState } from "../../shared/contracts/inventory.ts";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { Emitter } from "../../shared/lifecycle/event.ts";
import { type HostApi } from "../host-client/host-api.ts";
import { type ConsoleSlot, type SlotChange, type SlotRegistry } from "./console-slot.ts";
import { ConsoleOpener } from "./console-opener.ts";
import { createSerialSession } from "./serial-session.ts";
import { Slot, type SessionFactory, type SlotSettings } from "./slot.ts";
import { PortStream } from "./spice/port-stream.ts";
import { leaseSpiceConnection, startSpiceWorker } from "./spice/spice-connection.ts";
import { createSpiceSession } from "./spice-session.ts";
import { createVncSession } from "./vnc-session.ts";

export interface SlotRegistryOptions {
  readonly api: HostApi;
  /** What a new session starts with. */
  readonly settings: () => SlotSettings;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly random: () => number;
  /** As the inventory last said; undefined when it does not know the guest. */
  readonly guestStateOf: (guestId: GuestId) => GuestState | undefined;
  /** The guest's name, for error texts. */
  readonly guestNameOf?: (guestId: GuestId) => string | undefined;
  /** Tests put fakes here. */
  readonly createSession?: SessionFactory;
}

export interface OwnedSlotRegistry extends SlotRegistry, Disposable {
  /** The inventory learnt of it: a guest that runs again gets its consoles back at once. */
  /** Undefined: it has the guest no more; its consoles wait until it comes back. */
  guestStateChanged(guestId: GuestId, state: GuestState | undefined): void;
  /** The general settings changed: every live session takes them. */
  settingsChanged(): void;
}

export const createSessionFor: SessionFactory = (protocol, options) => {
  switch (protocol) {
    case "vnc":
      return createVncSession({ ...options, stream: options.streams.open(), settings: options.console });
    case "serial":
      return createSerialSession({
        ...options,
        stream: options.streams.open(),
        settings: options.console,
        view: options.terminalView(),
      });
    case "spice":
      return options.target.portName === undefined
        ? createSpiceSession({ ...options, settings: options.console, screenIndex: options.target.screenIndex ?? 0 })
        : createSerialSession({
            ...options,
            stream: new PortStream(
              leaseSpiceConnection({ ...options, startWorker: startSpiceWorker }),
              options.target.portName,
            ),
            settings: options.console,
            view: options.terminalView(),
          });
    case "rdp":
    case "tn3270":
      throw new AppError("UNSUPPORTED", "no session for this protocol", {
        what: `A ${protocol} console`,
        reason: "this version shows SPICE, VNC and serial consoles",
      });
  }
};

export function createSlotRegistry(options: SlotRegistryOptions): OwnedSlotRegistry {
  const { api, settings, now, random } = options;
  const owned = new DisposableStore();
  const changes = owned.add(new Emitter<SlotChange>());
  const slotByTabId = new Map<TabId, Slot>();
  const opener = new ConsoleOpener(api);

  const forEach = (act: (slot: Slot) => void): void => {
    for (const slot of [...slotByTabId.values()]) act(slot);
  };

  owned.add(
    api.onLinkChange((link) => {
      if (link === "up") forEach((slot) => slot.handleLinkUp());
      if (link === "lost") forEach((slot) => slot.handleLinkLost());
    }),
  );
  owned.add(
    api.onEvent((event) => {
      if (event.name !== "console-closed") return;
      forEach((slot) => slot.handleConsoleClosed(event.connectionId, event.error));
    }),
  );
  owned.defer(() => {
    forEach((slot) => slot.dispose());
    slotByTabId.clear();
  });

  return {
    onChange: changes.event,
    open(tabId, target): ConsoleSlot {
      const known = slotByTabId.get(tabId);
      if (known !== undefined) return known;
      const slot = new Slot({
        tabId,
        target,
        api,
        opener,
        settings,
        now,
        random,
        guestState: () => options.guestStateOf(target.guestId),
        address: () => options.guestNameOf?.(target.guestId) ?? "The guest's console",
        createSession: options.createSession ?? createSessionFor,
        handleChange: (change) => changes.fire(change),
      });
      slotByTabId.set(tabId, slot);
      slot.start();
      return slot;
    },
    get: (tabId) => slotByTabId.get(tabId),
    close(tabId) {
      const slot = slotByTabId.get(tabId);
      slotByTabId.delete(tabId);
      slot?.dispose();
    },
    guestStateChanged(guestId, state) {
      forEach((slot) => {
        if (slot.target.guestId === guestId) slot.handleGuestState(state);
      });
    },
    settingsChanged() {
      forEach((slot) => slot.configure());
    },
    dispose() {
      owned.dispose();
    },
  };
}

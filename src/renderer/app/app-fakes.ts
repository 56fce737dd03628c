import { Emitter } from "../../shared/lifecycle/event.ts";
import type { ApiEvent, ApiMethod } from "../../shared/contracts/api.ts";
import type { ConsoleId, GuestId, HostId, TabId } from "../../shared/contracts/ids.ts";
import type { GuestSnapshot } from "../../shared/contracts/inventory.ts";
import type { HostApi, LinkState } from "../host-client/host-api.ts";
import type { ConsoleSlot, ConsoleTarget, SlotChange, SlotState } from "../sessions/console-slot.ts";
import type { OwnedSlotRegistry } from "../sessions/slot-registry.ts";
import { bindActions, createAppStore } from "../store/app-store.ts";
import type { AppState } from "../store/state.ts";
import { createViews } from "../store/views.ts";
import { createConsoleStage } from "./console-stage.ts";
import type { PageParts } from "./page-parts.ts";

/** Fakes for the tests of this folder: consoles that only note what was asked of them, and a host process that answers nothing. */

export interface FakeSlot extends ConsoleSlot {
  isVisible: boolean;
  focusCount: number;
  retryCount: number;
}

function createFakeSlot(tabId: TabId, target: ConsoleTarget): FakeSlot {
  const state: SlotState = { phase: "connecting" };
  return {
    tabId,
    target,
    state,
    facts: undefined,
    element: document.createElement("div"),
    session: undefined,
    isVisible: true,
    focusCount: 0,
    retryCount: 0,
    retryNow() {
      this.retryCount += 1;
    },
    setVisible(isVisible) {
      this.isVisible = isVisible;
    },
    focus() {
      this.focusCount += 1;
    },
    preview: () => undefined,
  };
}

export interface FakeSlots extends OwnedSlotRegistry {
  readonly slotByTabId: ReadonlyMap<TabId, FakeSlot>;
  readonly guestStates: [GuestId, string | undefined][];
  fire(change: SlotChange): void;
}

function createFakeSlots(): FakeSlots {
  const slotByTabId = new Map<TabId, FakeSlot>();
  const changes = new Emitter<SlotChange>();
  const guestStates: [GuestId, string | undefined][] = [];
  return {
    slotByTabId,
    guestStates,
    fire: (change) => {
      changes.fire(change);
    },
    onChange: changes.event,
    open: (tabId, target) => {
      const slot = createFakeSlot(tabId, target);
      slotByTabId.set(tabId, slot);
      return slot;
    },
    get: (tabId) => slotByTabId.get(tabId),
    close: (tabId) => {
      slotByTabId.delete(tabId);
    },
    guestStateChanged: (guestId, state) => {
      guestStates.push([guestId, state]);
    },
    settingsChanged: () => undefined,
    dispose: () => undefined,
  };
}

export interface FakeApi extends HostApi {
  readonly calls: [ApiMethod, unknown][];
  fire(event: ApiEvent): void;
  setLink(link: LinkState): void;
  /** What the next calls reject with, if anything. */
  failure: Error | undefined;
}

function createFakeApi(): FakeApi {
  const events = new Emitter<ApiEvent>();
  const links = new Emitter<LinkState>();
  const calls: [ApiMethod, unknown][] = [];
  const api: FakeApi = {
    calls,
    failure: undefined,
    fire: (event) => {
      events.fire(event);
    },
    setLink: (link) => {
      links.fire(link);
    },
    call: (method, params) => {
      calls.push([method, params]);
      return api.failure === undefined ? Promise.resolve({} as never) : Promise.reject(api.failure);
    },
    onEvent: events.event,
    onLinkChange: links.event,
    link: "up",
    openStream: () => {
      throw new Error("the fake opens no stream");
    },
    streamPass: () => ({ url: "", protocols: [] }),
    pictureUrl: () => "",
  };
  return api;
}

export interface FakeParts extends PageParts {
  readonly api: FakeApi;
  readonly slots: FakeSlots;
  readonly notices: string[];
}

export function createFakeParts(initial: Partial<AppState> = {}): FakeParts {
  const store = createAppStore(initial);
  const notices: string[] = [];
  return {
    api: createFakeApi(),
    store,
    actions: bindActions(store),
    views: createViews(store),
    slots: createFakeSlots(),
    stage: createConsoleStage(document),
    notices,
    speaker: {
      notify: (_tone, text) => {
        notices.push(text);
      },
      tell: (error) => {
        notices.push(String(error));
      },
      dispose: () => undefined,
    },
  };
}

export const FAKE_HOST = "host" as HostId;

export function fakeGuest(name: string, consoles: readonly ("vnc" | "serial")[] = ["vnc"]): GuestSnapshot {
  return {
    id: `${FAKE_HOST}/${name}` as GuestId,
    hostId: FAKE_HOST,
    name,
    state: "running",
    consoles: consoles.map((protocol) => ({ id: protocol as string as ConsoleId, protocol, label: protocol })),
    actions: [],
    hasScreenshot: false,
  };
}

/** A state with these guests in the inventory. */
export function withGuests(...guests: GuestSnapshot[]): Partial<AppState> {
  return { guestById: new Map(guests.map((guest) => [guest.id, guest])), isInventoryLoaded: true };
}

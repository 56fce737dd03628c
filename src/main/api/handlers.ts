import { AppError } from "../../shared/errors/app-error.ts";
import type { AppInfo } from "../../shared/contracts/api.ts";
import { splitGuestId, type HostId } from "../../shared/contracts/ids.ts";
import type { ConfiguredHost } from "../../shared/contracts/settings.ts";
import type { StoredCertificatePins } from "../credentials/certificate-pins.ts";
import type { Questions } from "../credentials/questions.ts";
import type { ApiHandlers } from "../gateway/api-connection.ts";
import { hostIdOf, type Inventory } from "../inventory/inventory.ts";
import type { WantedHosts } from "../inventory/wanted-hosts.ts";
import type { HostConfig, Logger } from "../providers/provider.ts";
import type { SettingsStore } from "../settings/settings-store.ts";
import { WindowLayouts } from "../settings/window-layouts.ts";
import type { AddressBookApi } from "./address-book-api.ts";
import type { ConsoleConnections } from "./console-connections.ts";

export interface HandlerParts {
  readonly info: () => AppInfo;
  readonly inventory: Inventory;
  readonly wantedHosts: WantedHosts;
  readonly settings: SettingsStore;
  readonly connections: ConsoleConnections;
  readonly questions: Questions;
  readonly pins: StoredCertificatePins;
  readonly addressBook: AddressBookApi;
  /** A password that stood in an address that the user typed; memory only. */
  readonly rememberPassword: (config: HostConfig) => void;
  readonly log: Logger;
}

/** What a page may ask of the host process. */
export function createApiHandlers(parts: HandlerParts): ApiHandlers {
  const { inventory, wantedHosts, settings, connections, questions, addressBook, log } = parts;

  const layouts = new WindowLayouts({
    stored: () => settings.layout,
    save: (layout) => settings.saveLayout(layout),
  });

  const configuredIndex = (hostId: HostId): number =>
    settings.settings.hosts.findIndex(({ uri }) => {
      try {
        return hostIdOf(inventory.parse(uri).config) === hostId;
      } catch {
        return false;
      }
    });

  /** The address that is kept never holds a password. */
  const toConfigured = (config: HostConfig, label: string | undefined): ConfiguredHost => {
    parts.rememberPassword(config);
    return { uri: config.uri, ...(label === undefined || label === "" ? {} : { label }) };
  };

  return {
    "app.info": () => parts.info(),
    "app.reportBug": ({ message, stack }) => {
      log.error("the page met a bug", { error: Object.assign(new Error(message), { stack }) });
      return {};
    },

    "hosts.describe": ({ uri }) => {
      const { provider, config } = inventory.parse(uri);
      return { kind: provider.kind, label: config.label, isAddressBookEntry: provider.kind === "address-book" };
    },
    "hosts.add": async ({ uri, label }) => {
      const { provider, config } = inventory.parse(uri);
      if (provider.kind === "address-book") return { hostId: await addressBook.add(config, label) };
      const hostId = hostIdOf(config);
      const others = settings.settings.hosts.filter((_, index) => index !== configuredIndex(hostId));
      await settings.change({ hosts: [...others, toConfigured(config, label)] });
      return { hostId };
    },
    "hosts.edit": async ({ hostId, uri, label }) => {
      const { config } = inventory.parse(uri);
      const at = configuredIndex(hostId);
      if (at < 0)
        throw new AppError("UNSUPPORTED", "host is not configured", {
          what: "Editing this host",
          reason: "it was not added by hand",
        });
      await settings.change({ hosts: settings.settings.hosts.with(at, toConfigured(config, label)) });
      return { hostId: hostIdOf(config) };
    },
    "hosts.remove": async ({ hostId }) => {
      const at = configuredIndex(hostId);
      if (at < 0) {
        // What was found by itself would only come back with the next look.
        throw new AppError("UNSUPPORTED", "host is not configured", {
          what: "Removing this host",
          reason: "it was not added by hand",
        });
      }
      await settings.change({ hosts: settings.settings.hosts.toSpliced(at, 1) });
      return {};
    },
    "hosts.retry": ({ hostId }) => {
      inventory.retry(hostId);
      return {};
    },
    "hosts.discover": async (_, { signal }) => {
      await wantedHosts.discover({ signal });
      return { findings: [...inventory.findings] };
    },

    "guests.power": async ({ guestId, action }, { signal }) => {
      const guest = inventory.guest(guestId);
      const { power } = inventory.linkOf(splitGuestId(guestId).hostId).capabilities;
      if (power === undefined || !guest.actions.includes(action)) {
        throw new AppError("UNSUPPORTED", "host cannot do that", {
          what: `“${action}” of ${guest.name}`,
          reason: `it is ${guest.state}`,
        });
      }
      await power(guestId, action, { signal });
      return {};
    },

    "console.open": ({ guestId, consoleId }, call) =>
      connections.open(
        {
          guestId,
          consoleId,
          ask: (body, options) => questions.ask({ hostId: splitGuestId(guestId).hostId, guestId }, body, options),
        },
        call,
      ),
    "console.stream": async ({ connectionId, channel }, call) => ({
      ticket: await connections.openFurtherStream(connectionId, channel, call),
    }),
    "console.close": ({ connectionId }, call) => {
      connections.close(connectionId, call);
      return {};
    },
    "console.resize": ({ connectionId, columns, rows }, call) => {
      connections.resize(connectionId, { columns, rows }, call);
      return {};
    },

    "questions.answer": ({ questionId, answer }) => {
      questions.answer(questionId, answer);
      return {};
    },

    "settings.change": async (patch) => {
      await settings.change(patch);
      return {};
    },
    "layout.load": ({ windowId }, { page }) => layouts.load(windowId, page),
    "layout.save": async ({ windowId, layout }, { page }) => {
      await layouts.save(windowId, layout, page);
      return {};
    },

    "addressBook.put": async (entry) => {
      await addressBook.put(entry);
      return {};
    },
    "addressBook.remove": async ({ id }) => {
      await addressBook.remove(id);
      return {};
    },
    "addressBook.import": async ({ text }) => ({ count: await addressBook.import(text) }),
    "addressBook.export": () => ({ text: addressBook.export() }),
    "trust.list": () => ({ certificates: parts.pins.list() }),
    "trust.forget": ({ target }) => {
      parts.pins.forget(target);
      return {};
    },
  };
}

import { join } from "node:path";
import { AppError } from "../shared/errors/app-error.ts";
import type { ApiEvent, AppInfo } from "../shared/contracts/api.ts";
import { reportOf } from "../shared/contracts/error-report.ts";
import type { GuestId, HostId } from "../shared/contracts/ids.ts";
import { DisposableStore, type Disposable } from "../shared/lifecycle/disposable.ts";
import { drop, setDropSink } from "../shared/lifecycle/drop.ts";
import { Emitter } from "../shared/lifecycle/event.ts";
import { after, every } from "../shared/lifecycle/timer.ts";
import { AddressBookApi } from "./api/address-book-api.ts";
import { ConsoleConnections } from "./api/console-connections.ts";
import { createApiHandlers } from "./api/handlers.ts";
import { createCertificatePins } from "./credentials/certificate-pins.ts";
import { createQuestions } from "./credentials/questions.ts";
import { createSecretMemory } from "./credentials/secret-memory.ts";
import { openGateway, type Gateway } from "./gateway/gateway.ts";
import { TicketOffice } from "./gateway/tickets.ts";
import { hostIdOf, Inventory } from "./inventory/inventory.ts";
import { Pictures } from "./inventory/pictures.ts";
import { WantedHosts } from "./inventory/wanted-hosts.ts";
import { PROVIDERS } from "./providers/index.ts";
import type { HostConfig, Logger, ProviderContext } from "./providers/provider.ts";
import { lockFolder } from "./settings/folder-lock.ts";
import { SettingsStore } from "./settings/settings-store.ts";

/** How often this machine is looked at anew for hosts that were not there: a libvirtd that was just installed. */
const REDISCOVERY_INTERVAL_MS = 15_000;

/** A host of one console is there at once; this long a console that was asked for is looked out for. */
const SHOW_CONSOLE_LIMIT_MS = 10_000;

export interface HostOptions {
  readonly configFolder: string;
  /** Folder of the built page; absent: no gateway, for `switchyard list`. */
  readonly pageFolder?: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly window: AppInfo["window"];
  readonly isKiosk: boolean;
  readonly isDemo: boolean;
  /** Hosts of the command line. */
  readonly connectUris: readonly string[];
  /** Hosts of the command line that have no address (connection files); their consoles are opened at once. */
  readonly connectConfigs: readonly HostConfig[];
  /** Those of `connectUris` whose console is opened at once. */
  readonly openUris: readonly string[];
  /** When true, only `connectUris`: nothing found, nothing configured. */
  readonly isOnlyConnectUris: boolean;
  /** Guests to open at once, by name. */
  readonly openNames: readonly string[];
  readonly version: string;
  readonly log: Logger;
}

/** The running program without any window. */
export interface Host extends Disposable {
  readonly inventory: Inventory;
  readonly settings: SettingsStore;
  readonly gateway: Gateway | undefined;
  /** Resolves when this machine was looked at once, and all hosts are being connected to. */
  readonly discovered: Promise<void>;
  /** Asks the pages to show a guest. */
  showGuest(guestId: GuestId): void;
  /** Connects to hosts of one console each, and asks the pages to show them as soon as they are there. */
  openConsoles(configs: readonly HostConfig[]): void;
}

/**
 * The composition root: makes the parts and joins them. Rejects with URI_INVALID, SETTINGS_UNREADABLE, SETTINGS_IN_USE or
 * CONNECT_FAILED (the port), and then holds nothing.
 */
export async function createHost(options: HostOptions): Promise<Host> {
  const owned = new DisposableStore();
  try {
    // A listing reads the settings and changes none.
    if (options.pageFolder !== undefined) owned.add(lockFolder(options.configFolder));
    return await joinParts(options, owned);
  } catch (error) {
    owned.dispose();
    throw error;
  }
}

async function joinParts(options: HostOptions, owned: DisposableStore): Promise<Host> {
  const { log } = options;
  setDropSink((error) => {
    log.error("a promise that was left alone failed", { error });
  });

  const settings = await SettingsStore.load(options.configFolder);
  const pins = createCertificatePins({ file: join(options.configFolder, "certificates.json") });
  const secrets = createSecretMemory();
  const questions = createQuestions({ hasListener: () => options.pageFolder !== undefined });

  const contextOf = (hostId: HostId): ProviderContext => ({
    hostId,
    log,
    secrets,
    pins,
    ask: (body, askOptions) => questions.ask({ hostId }, body, askOptions),
  });
  const inventory = owned.add(new Inventory({ providers: PROVIDERS, contextOf }));
  const passwords = new Map<string, string>();
  const rememberPassword = ({ uri, password }: HostConfig): void => {
    if (password !== undefined) passwords.set(uri, password);
  };
  const wantedHosts = new WantedHosts({
    inventory,
    settings: () => settings.settings,
    isDemo: options.isDemo,
    isOnlyOptions: options.isOnlyConnectUris,
    optionUris: options.connectUris,
    optionConfigs: options.connectConfigs,
    passwordOf: (uri) => passwords.get(uri),
    log,
  });

  const setAddressBook = (): void => {
    for (const { id, isAddressBook, state } of inventory.hosts) {
      if (isAddressBook && state.phase === "live")
        inventory.linkOf(id).capabilities.setEntries?.(settings.settings.addressBook);
    }
  };
  owned.add(
    inventory.onChange((change) => {
      if (change.kind === "host" && change.host.isAddressBook && change.host.state.phase === "live") setAddressBook();
    }),
  );
  owned.add(
    settings.onChange(() => {
      wantedHosts.reconcile();
      setAddressBook();
    }),
  );

  const onEvent = new Emitter<ApiEvent>();
  owned.add(onEvent);
  owned.add(inventory.onChange((change) => onEvent.fire({ name: "inventory", change })));
  owned.add(settings.onChange((changed) => onEvent.fire({ name: "settings", settings: changed })));
  owned.add(questions.onChange((open) => onEvent.fire({ name: "questions", questions: [...open] })));

  let gateway: Gateway | undefined;
  if (options.pageFolder !== undefined) {
    const tickets = owned.add(new TicketOffice());
    const connections = new ConsoleConnections({
      tickets,
      openEndpoint: (guestId, consoleId, openOptions) => inventory.openConsole(guestId, consoleId, openOptions),
    });
    // A host of one console has a guest that is called as the host is.
    const openAtOnce = [...options.connectConfigs, ...options.openUris.map((uri) => inventory.parse(uri).config)];
    const pictures = new Pictures({ inventory });
    const info = (): AppInfo => ({
      version: options.version,
      window: options.window,
      isKiosk: options.isKiosk,
      isDemo: options.isDemo,
      openNames: [...options.openNames, ...openAtOnce.map(({ label }) => label)],
      platform: process.platform,
      configFolder: options.configFolder,
      startupProblems: [...settings.problems, ...pins.problems].map(reportOf),
    });
    const handlers = createApiHandlers({
      info,
      inventory,
      wantedHosts,
      settings,
      connections,
      questions,
      pins,
      addressBook: new AddressBookApi({ settings, parse: addressBookParser(inventory) }),
      rememberPassword,
      log,
    });
    gateway = owned.add(
      await openGateway({
        port: options.port,
        pageFolder: options.pageFolder,
        tickets,
        log,
        picture: (guestId) => pictures.get(guestId),
        api: {
          handlers,
          onEvent: onEvent.event,
          firstEvents: () => [
            { name: "settings", settings: settings.settings },
            { name: "inventory", change: inventory.reset() },
            { name: "questions", questions: [...questions.open] },
          ],
        },
      }),
    );
  }

  const showWhenThere = (hostId: HostId): void => {
    const looking = owned.add(new DisposableStore());
    const look = (): void => {
      const guest = inventory.guests.find((one) => one.hostId === hostId);
      if (guest === undefined) return;
      owned.delete(looking);
      onEvent.fire({ name: "show-guest", guestId: guest.id });
    };
    looking.add(after(SHOW_CONSOLE_LIMIT_MS, () => owned.delete(looking)));
    looking.add(inventory.onChange(look));
    look();
  };

  const controller = new AbortController();
  owned.defer(() => {
    controller.abort();
  });
  wantedHosts.reconcile();
  const discovered = wantedHosts.discover({ signal: controller.signal });
  drop(discovered);
  owned.add(
    every(REDISCOVERY_INTERVAL_MS, () => {
      drop(wantedHosts.discover({ signal: controller.signal }));
    }),
  );

  return {
    inventory,
    settings,
    gateway,
    discovered,
    showGuest(guestId) {
      onEvent.fire({ name: "show-guest", guestId });
    },
    openConsoles(configs) {
      for (const config of configs) {
        wantedHosts.addOption(config);
        showWhenThere(hostIdOf(config));
      }
    },
    dispose() {
      owned.dispose();
    },
  };
}

function addressBookParser(inventory: Inventory): (uri: string) => HostConfig {
  return (uri) => {
    const { provider, config } = inventory.parse(uri);
    if (provider.kind === "address-book") return config;
    throw new AppError("URI_INVALID", "not an address of one console", {
      uri,
      reason: "it is a host, not one console",
    });
  };
}

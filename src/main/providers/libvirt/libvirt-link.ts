import type { Duplex } from "node:stream";
import { REMOTE_CALL, type RemoteDomain } from "../../../protocols/libvirt/remote-messages.ts";
import { guestIdOf, splitGuestId, type ConsoleId, type GuestId } from "../../../shared/contracts/ids.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import { DisposableStore, toDisposable, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { Emitter, type Event } from "../../../shared/lifecycle/event.ts";
import type {
  Capabilities,
  ConsoleEndpoint,
  GuestChange,
  HostConfig,
  HostLink,
  OpenConsoleOptions,
  ProviderContext,
} from "../provider.ts";
import { DomainWatch, registerEvents, type DomainChange } from "./domain-watch.ts";
import { openGuestConsole } from "./guest-console.ts";
import { guestSnapshotOf, type KnownDomain } from "./guest-snapshot.ts";
import { LibvirtConnection } from "./libvirt-connection.ts";
import { openRoute, type DaemonPath, type LibvirtRoute } from "./libvirt-route.ts";
import type { LibvirtAddress } from "./libvirt-uri.ts";
import { openDriver, type LoginOptions } from "./login.ts";
import { applyPowerAction } from "./power.ts";
import { isDomainGone } from "./remote-failure.ts";
import { takeScreenshot } from "./screenshot.ts";

/** A password may be mistyped this often before the host is shown as refused. */
const MAX_LOGIN_TRIES = 3;

/** How a guest of this provider is named within its host. */
const UUID_TEXT = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface SignalOption {
  readonly signal: AbortSignal;
}

interface Host {
  readonly config: HostConfig;
  readonly address: LibvirtAddress;
  readonly context: ProviderContext;
  readonly route: LibvirtRoute;
  /** The way that led to the daemon; further connections take it first. */
  knownPath?: DaemonPath;
}

function secretKeyOf(config: HostConfig): string {
  return `libvirt ${config.uri}`;
}

async function loginAt(
  host: Host,
  path: DaemonPath,
  stream: Duplex,
  { reason, userName }: Pick<LoginOptions, "reason" | "userName">,
  options: SignalOption,
): Promise<LibvirtConnection> {
  const { config, address, context } = host;
  const connection = new LibvirtConnection(stream, { address: path.address });
  try {
    await openDriver(connection, {
      address: path.address,
      connectName: address.connectName,
      secretKey: secretKeyOf(config),
      userName,
      password: config.password,
      isPrivate: address.transport !== "tcp",
      reason,
      context,
      signal: options.signal,
    });
    return connection;
  } catch (error) {
    connection.dispose();
    throw error;
  }
}

/** One way to the daemon; a refused password is asked again on a fresh connection. */
async function openConnectionAt(host: Host, path: DaemonPath, options: SignalOption): Promise<LibvirtConnection> {
  let { userName } = host.address;
  for (let tries = 1; ; tries += 1) {
    const stream = await path.open(options);
    try {
      return await loginAt(host, path, stream, { reason: tries === 1 ? "first" : "refused", userName }, options);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "LOGIN_REFUSED") throw error;
      // Mostly the password was wrong, so the name is suggested again.
      userName = host.context.secrets.get(secretKeyOf(host.config))?.userName ?? userName;
      host.context.secrets.forget(secretKeyOf(host.config));
      if (tries >= MAX_LOGIN_TRIES) throw error;
    }
  }
}

/** Failures after which another way to the same daemon may still lead there. */
const OTHER_WAY_CODES: readonly string[] = [
  "SSH_FORWARD_REFUSED",
  "SSH_FAILED",
  "REMOTE_CLOSED",
  "CONNECTION_LOST",
  "PROTOCOL_MISMATCH",
  "SOCKET_MISSING",
  "CONNECT_REFUSED",
];

/** A way that is not there says less than one that failed. */
function moreTelling(left: AppError | undefined, right: AppError): AppError {
  return left === undefined || left.code === "SOCKET_MISSING" ? right : left;
}

async function openConnection(host: Host, options: SignalOption): Promise<LibvirtConnection> {
  let failure: AppError | undefined;
  const paths = host.route.daemonPaths;
  for (const path of host.knownPath === undefined ? paths : new Set([host.knownPath, ...paths])) {
    try {
      const connection = await openConnectionAt(host, path, options);
      host.knownPath = path;
      return connection;
    } catch (error) {
      if (!(error instanceof AppError) || !OTHER_WAY_CODES.includes(error.code)) throw error;
      host.context.log.debug("a way to the daemon failed", { path: path.address, code: error.code });
      failure = moreTelling(failure, error);
    }
  }
  throw failure ?? new AppError("BUG", "a host without a way to its daemon");
}

/** A live connection to one libvirt daemon. */
export class LibvirtLink implements HostLink {
  readonly capabilities: Capabilities = {
    power: async (guestId, action, options) =>
      applyPowerAction(this.#connection, await this.#find(guestId, options), action, options),
    screenshot: async (guestId, options) =>
      takeScreenshot(this.#connection, await this.#find(guestId, options), {
        ...options,
        address: this.#host.config.uri,
      }),
  };
  readonly #owned = new DisposableStore();
  readonly #onClosed = this.#owned.add(new Emitter<AppError>());
  readonly #host: Host;
  readonly #connection: LibvirtConnection;
  #closedBy: AppError | undefined;

  private constructor(host: Host, connection: LibvirtConnection) {
    this.#host = host;
    this.#connection = connection;
    this.#owned.add(host.route);
    this.#owned.add(connection);
    this.#owned.add(connection.onClosed((error) => this.#fail(error)));
    if (host.route.ssh !== undefined) this.#owned.add(host.route.ssh.onClosed((error) => this.#fail(error)));
    this.#owned.add(
      connection.onEvent((event) => {
        if (event.kind !== "connection-closed") return;
        this.#fail(new AppError("REMOTE_CLOSED", "the daemon lost its hypervisor", { address: host.config.uri }));
      }),
    );
  }

  static async open(
    config: HostConfig,
    address: LibvirtAddress,
    context: ProviderContext,
    options: SignalOption,
  ): Promise<LibvirtLink> {
    const route = await openRoute(address, config, context, options);
    const host: Host = { config, address, context, route };
    let connection: LibvirtConnection | undefined;
    try {
      connection = await openConnection(host, options);
      await registerEvents(connection, { signal: options.signal, log: context.log });
      return new LibvirtLink(host, connection);
    } catch (error) {
      connection?.dispose();
      route.dispose();
      throw error;
    }
  }

  get onClosed(): Event<AppError> {
    return this.#onClosed.event;
  }

  watch(publish: (change: GuestChange) => void): Disposable {
    const watch = new DomainWatch(this.#connection, {
      log: this.#host.context.log,
      publish: (change) => publish(this.#guestChangeOf(change)),
      onFailed: (error) => this.#fail(error),
    });
    const held = this.#owned.defer(() => watch.dispose());
    return toDisposable(() => this.#owned.delete(held));
  }

  async openConsole(guestId: GuestId, consoleId: ConsoleId, options: OpenConsoleOptions): Promise<ConsoleEndpoint> {
    const { config, address, route, context } = this.#host;
    const domain = await this.#find(guestId, options);
    const host = {
      uri: config.uri,
      address,
      route,
      context,
      connection: this.#connection,
      openConnection: (opening: SignalOption) => openConnection(this.#host, opening),
    };
    const endpoint = await openGuestConsole({ host, domain, consoleId, ask: options.ask }, options);
    // Ends with the link, or before it by itself.
    const held = this.#owned.defer(() => endpoint.dispose());
    return {
      protocol: endpoint.protocol,
      openStream: (opening) => endpoint.openStream(opening),
      dispose: () => this.#owned.delete(held),
    };
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #fail(error: AppError): void {
    if (this.#closedBy !== undefined) return;
    this.#closedBy = error;
    this.#onClosed.fire(error);
  }

  async #find(guestId: GuestId, options: SignalOption): Promise<RemoteDomain> {
    const { signal } = options;
    const uuid = splitGuestId(guestId).localId;
    if (!UUID_TEXT.test(uuid)) throw new AppError("NOT_FOUND", "no such guest", { what: "The guest" });
    try {
      return await this.#connection.call(REMOTE_CALL.domainLookupByUuid, { uuid }, { signal });
    } catch (error) {
      if (!isDomainGone(error)) throw error;
      throw new AppError("NOT_FOUND", "no such guest", { what: "The guest" }, { cause: error });
    }
  }

  #guestChangeOf(change: DomainChange): GuestChange {
    const { hostId } = this.#host.context;
    const snapshot = (domain: KnownDomain) => guestSnapshotOf(domain, hostId, this.#host.address);
    switch (change.kind) {
      case "all":
        return { kind: "all", guests: change.domains.map(snapshot) };
      case "changed":
        return { kind: "changed", guests: [snapshot(change.domain)] };
      case "removed":
        return { kind: "removed", guestIds: [guestIdOf(hostId, change.uuid)] };
    }
  }
}

import type { GuestState } from "../../../shared/contracts/inventory.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import { delay } from "../../../shared/lifecycle/timer.ts";
import { parseCommandLine, type QemuCommandLine } from "./command-line.ts";
import { consolesOfCommandLine, type GuestConsole } from "./guest-consoles.ts";
import { openSocket, textOfAddress } from "./open-socket.ts";
import type { ProcessList, QemuProcess } from "./process-list.ts";
import { QmpConnection } from "./qmp-connection.ts";
import { askFacts, askState, type QmpFacts } from "./qmp-facts.ts";
import type { SocketAddress } from "./socket-address.ts";

/** How often a guest's state is asked for. The socket is taken for about 2 ms each time, and is free between. */
export const QMP_ASK_INTERVAL_MS = 4_000;
/** A socket that somebody else holds, or that refuses, is tried again after these pauses; the last one repeats. */
export const QMP_RETRY_PAUSES_MS = [2_000, 4_000, 8_000, 15_000, 30_000] as const;
/** Longer than this, one QEMU that does not answer would hold up the news of all others. */
const QMP_ASK_LIMIT_MS = 3_000;
/** What did not answer after this long is told with the next update; the news of the others do not wait for it. */
const UPDATE_LIMIT_MS = 300;
/** Local ids are shortened to this, so that host id and it make a guest id. */
const MAX_LOCAL_ID_LENGTH = 300;

/** A QEMU process as a guest. */
export interface LocalGuest {
  /** The same for the same guest after a restart of its QEMU: made of what stands on the command line, not of the pid. */
  readonly localId: string;
  readonly name: string;
  readonly state: GuestState;
  readonly consoles: readonly GuestConsole[];
  readonly qmpAddresses: readonly SocketAddress[];
  /** QMP answered the last time. */
  readonly isQmpReachable: boolean;
  readonly process: QemuProcess;
}

/** What is remembered of one process between two looks. */
interface Known {
  readonly process: QemuProcess;
  readonly line: QemuCommandLine;
  facts: QmpFacts | undefined;
  state: GuestState | undefined;
  isQmpReachable: boolean;
  isBeingAsked: boolean;
  /** The next to be asked first. */
  qmpAddresses: readonly SocketAddress[];
  /** In a row. */
  failures: number;
  askAtMs: number;
}

const keyOf = (process: QemuProcess): string => `${process.pid}.${process.startTicks}`;

/** What the guest's address on this machine is, when it was given no name: the first socket that only it can have. */
function firstAddressOf(line: QemuCommandLine): string | undefined {
  const vnc = line.vncDisplays.flatMap(({ address }) => address ?? []);
  const serial = line.serialPorts.flatMap(({ backend }) => (backend.kind === "socket" ? [backend.address] : []));
  const spice = line.spice?.addresses?.plain ?? line.spice?.addresses?.secure;
  const address = vnc[0] ?? spice ?? line.qmpAddresses[0] ?? serial[0];
  return address === undefined ? undefined : textOfAddress(address);
}

function localIdOf({ line, process }: Known): string {
  if (line.uuid !== undefined) return `uuid:${line.uuid}`;
  if (line.name !== undefined) return `name:${line.name}`;
  const address = firstAddressOf(line);
  return address === undefined ? `pid:${process.pid}` : `at:${address}`;
}

/** The guests of this machine's QEMU processes, as of the last update. */
export class LocalGuests {
  readonly #processes: Pick<ProcessList, "list">;
  readonly #nowMs: () => number;
  readonly #updateLimitMs: number;
  #knownByKey: ReadonlyMap<string, Known> = new Map();
  #current: readonly LocalGuest[] = [];

  constructor(options: { processes: Pick<ProcessList, "list">; nowMs?: () => number; updateLimitMs?: number }) {
    this.#updateLimitMs = options.updateLimitMs ?? UPDATE_LIMIT_MS;
    this.#processes = options.processes;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  get current(): readonly LocalGuest[] {
    return this.#current;
  }

  /** Whether its process still runs. A killed QEMU that was started again is another process of the same guest. */
  async isAlive(guest: LocalGuest): Promise<boolean> {
    const key = keyOf(guest.process);
    return (await this.#processes.list()).some((process) => keyOf(process) === key);
  }

  /** Looks at the processes and asks those whose turn it is. Never fails because of one guest. */
  async update(options: { signal: AbortSignal }): Promise<void> {
    const knownByKey = new Map<string, Known>();
    for (const process of await this.#processes.list()) {
      const key = keyOf(process);
      const known = this.#knownByKey.get(key) ?? this.#meet(process);
      if (!known.line.isManagedByLibvirt) knownByKey.set(key, known);
    }
    this.#knownByKey = knownByKey;
    const asking = Promise.all([...knownByKey.values()].map((known) => this.#askIfDue(known, options)));
    const pause = new AbortController();
    try {
      await Promise.race([asking, delay(this.#updateLimitMs, { signal: pause.signal })]);
    } finally {
      pause.abort();
    }
    this.#current = this.#describe([...knownByKey.values()]);
  }

  #meet(process: QemuProcess): Known {
    const line = parseCommandLine(process.argv, process.workingFolder);
    return {
      process,
      line,
      facts: undefined,
      state: undefined,
      isQmpReachable: false,
      isBeingAsked: false,
      qmpAddresses: line.qmpAddresses,
      failures: 0,
      askAtMs: this.#nowMs(),
    };
  }

  async #askIfDue(known: Known, { signal }: { signal: AbortSignal }): Promise<void> {
    const [socketAddress] = known.qmpAddresses;
    if (socketAddress === undefined || known.isBeingAsked || this.#nowMs() < known.askAtMs) return;
    known.isBeingAsked = true;
    const limited = AbortSignal.any([signal, AbortSignal.timeout(QMP_ASK_LIMIT_MS)]);
    const options = { address: textOfAddress(socketAddress), signal: limited };
    try {
      const connection = await QmpConnection.open(await openSocket(socketAddress, options), options);
      try {
        known.state = await askState(connection, options);
        known.facts ??= await askFacts(connection, options);
      } finally {
        connection.dispose();
      }
      known.isQmpReachable = true;
      known.failures = 0;
      known.askAtMs = this.#nowMs() + QMP_ASK_INTERVAL_MS;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // Held by another program: what was heard before stays, but it may have changed since.
      known.state = undefined;
      known.isQmpReachable = false;
      const last = QMP_RETRY_PAUSES_MS.length - 1;
      known.askAtMs = this.#nowMs() + QMP_RETRY_PAUSES_MS[Math.min(known.failures, last) as 0];
      known.failures += 1;
      // Of several, one may be free while a management program holds the other.
      known.qmpAddresses = [...known.qmpAddresses.slice(1), socketAddress];
    } finally {
      known.isBeingAsked = false;
    }
  }

  /** Asks again at the next update, because something was done to the guests. */
  askSoon(): void {
    for (const known of this.#knownByKey.values()) {
      if (known.isQmpReachable) known.askAtMs = this.#nowMs();
    }
  }

  #describe(knowns: readonly Known[]): LocalGuest[] {
    const timesById = new Map<string, number>();
    return knowns.map((known) => {
      const { process, line, facts } = known;
      const base = localIdOf(known).slice(0, MAX_LOCAL_ID_LENGTH);
      const times = (timesById.get(base) ?? 0) + 1;
      timesById.set(base, times);
      const name = line.name ?? facts?.name ?? firstAddressOf(line) ?? `QEMU ${process.pid}`;
      return {
        // Two of the same name: the elder keeps the plain id.
        localId: times === 1 ? base : `${base}#${times}`,
        name: name.slice(0, 1024),
        state: known.state ?? "running",
        consoles: consolesOfCommandLine(line, facts),
        qmpAddresses: known.qmpAddresses,
        isQmpReachable: known.isQmpReachable,
        process,
      };
    });
  }
}

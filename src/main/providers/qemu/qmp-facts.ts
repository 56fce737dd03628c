import { z } from "zod";
import type { GuestState } from "../../../shared/contracts/inventory.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import type { QmpConnection } from "./qmp-connection.ts";
import { portOf } from "./socket-address.ts";

/** Replies as https://www.qemu.org/docs/master/interop/qemu-qmp-ref.html describes them; only what is used here. */
const NameReply = z.object({ name: z.string().max(1024).optional() });
const UuidReply = z.object({ UUID: z.string().max(64) });
const StatusReply = z.object({ status: z.string().max(64) });
const VncServersReply = z
  .array(
    z.object({
      id: z.string().max(256),
      server: z
        .array(
          z.object({
            host: z.string().max(1024),
            service: z.string().max(1024),
            family: z.string().max(16),
            websocket: z.boolean().default(false),
          }),
        )
        .max(64),
    }),
  )
  .max(64);
const ChardevReply = z.array(z.object({ label: z.string().max(256), filename: z.string().max(4096) })).max(1024);
/** `host` is a path when the server listens on a Unix socket. */
const SpiceReply = z.object({
  enabled: z.boolean(),
  host: z.string().max(4096).optional(),
  port: z.number().optional(),
  "tls-port": z.number().optional(),
});

export type QmpVncServers = z.infer<typeof VncServersReply>;
export type QmpChardevs = z.infer<typeof ChardevReply>;

/** Where a SPICE server listens; ports are those of its computer. */
export interface QmpSpice {
  readonly host: string;
  readonly port: number | undefined;
  readonly tlsPort: number | undefined;
}

/** What a guest says of itself over QMP. */
export interface QmpFacts {
  readonly name: string | undefined;
  readonly uuid: string | undefined;
  readonly vncServers: QmpVncServers;
  readonly chardevs: QmpChardevs;
  readonly spice: QmpSpice | undefined;
}

const NIL_UUID = "00000000-0000-0000-0000-000000000000";

async function query<T>(
  connection: QmpConnection,
  command: string,
  reply: z.ZodType<T>,
  options: { address: string; signal: AbortSignal },
): Promise<T> {
  const parsed = reply.safeParse(await connection.execute(command, undefined, options));
  if (parsed.success) return parsed.data;
  const detail = { address: options.address, protocol: "QMP", reason: `the reply to ${command} has another form` };
  throw new AppError("PROTOCOL_ERROR", "unexpected QMP reply", detail, { cause: parsed.error });
}

/** For commands that a QEMU may be built without. */
async function queryIfKnown<T>(fallback: T, ...parameters: Parameters<typeof query<T>>): Promise<T> {
  try {
    return await query(...parameters);
  } catch (error) {
    if (error instanceof AppError && error.code === "HOST_REPLY") return fallback;
    throw error;
  }
}

export async function askFacts(
  connection: QmpConnection,
  options: { address: string; signal: AbortSignal },
): Promise<QmpFacts> {
  const { name } = await query(connection, "query-name", NameReply, options);
  const { UUID } = await queryIfKnown({ UUID: NIL_UUID }, connection, "query-uuid", UuidReply, options);
  const vncServers = await queryIfKnown([], connection, "query-vnc-servers", VncServersReply, options);
  const chardevs = await queryIfKnown([], connection, "query-chardev", ChardevReply, options);
  const spice = await queryIfKnown({ enabled: false }, connection, "query-spice", SpiceReply, options);
  return {
    name: name === "" ? undefined : name,
    uuid: UUID === NIL_UUID ? undefined : UUID.toLowerCase(),
    vncServers,
    chardevs,
    spice: spice.enabled
      ? { host: spice.host ?? "", port: portNumber(spice.port), tlsPort: portNumber(spice["tls-port"]) }
      : undefined,
  };
}

const portNumber = (port: number | undefined): number | undefined => portOf(String(port ?? ""));

export async function askState(
  connection: QmpConnection,
  options: { address: string; signal: AbortSignal },
): Promise<GuestState> {
  return guestStateOf((await query(connection, "query-status", StatusReply, options)).status);
}

/** QMP's RunState. */
export function guestStateOf(status: string): GuestState {
  switch (status) {
    case "running":
    case "colo":
      return "running";
    case "suspended":
      return "suspended";
    case "shutdown":
      return "off";
    case "guest-panicked":
    case "internal-error":
      return "crashed";
    case "paused":
    case "prelaunch":
    case "inmigrate":
    case "postmigrate":
    case "finish-migrate":
    case "save-vm":
    case "restore-vm":
    case "io-error":
    case "watchdog":
    case "debug":
      return "paused";
    default:
      return "unknown";
  }
}

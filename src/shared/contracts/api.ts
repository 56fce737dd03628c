import { z } from "zod";
import { ConnectionId, ConsoleId, GuestId, HostId, QuestionId, TicketId, WindowId } from "./ids.ts";
import { ErrorReport } from "./error-report.ts";
import { ConsoleProtocol, DiscoveryFinding, InventoryChange, PowerAction } from "./inventory.ts";
import { Answer, Question } from "./question.ts";
import { AddressBookEntry, ConfiguredHost, Settings, SettingsPatch } from "./settings.ts";
import { Layout } from "./layout.ts";

/**
 * The API between a page and the host process: one WebSocket at `/api`, JSON text messages. The page sends requests
 * and cancellations, the host process sends results, progress and events. Both sides parse on arrival.
 */

const nothing = z.object({});

const AppInfo = z.object({
  version: z.string(),
  /** Which of the three windows shows the page. */
  window: z.enum(["electron", "browser-app", "served"]),
  isKiosk: z.boolean(),
  isDemo: z.boolean(),
  /** Guests to open at once, by name (`--open`). */
  openNames: z.array(z.string()),
  platform: z.string(),
  configFolder: z.string(),
  /** Set when a settings or state file was broken and set aside. */
  startupProblems: z.array(ErrorReport),
});
export type AppInfo = z.infer<typeof AppInfo>;

const OpenedConsole = z.object({
  connectionId: ConnectionId,
  protocol: ConsoleProtocol,
  /** For the first stream; it is connected, secured and waits. Valid for TICKET_LIFETIME_MS, once. */
  ticket: TicketId,
});
export type OpenedConsole = z.infer<typeof OpenedConsole>;

/** What a URI means before it is added, for the add-host dialog. */
const UriMeaning = z.object({
  kind: z.string(),
  label: z.string(),
  /** True when it is one console (address book) rather than a host. */
  isAddressBookEntry: z.boolean(),
});

const AcceptedCertificate = z.object({
  /** "rack-a:16514" */
  target: z.string().max(512),
  /** SHA-256, hex pairs with colons. */
  fingerprint: z.string().max(128),
  /** False: until this run ends. */
  isLasting: z.boolean(),
});
export type AcceptedCertificate = z.infer<typeof AcceptedCertificate>;

/** Streams that one console may have at once: SPICE opens one a channel, of which there are a few dozen with several screens and USB. */
export const MAX_STREAMS_PER_CONSOLE = 64;

/** A channel's capability words; today's SPICE uses one. */
const MAX_CAPABILITY_WORDS = 16;

const Byte = z.number().int().min(0).max(0xff);
const Word = z.number().int().min(0).max(0xffff_ffff);
const Port = z.number().int().min(1).max(65_535);

/** Where a SPICE guest goes on after it was moved to another host (SPICE_MSG_MAIN_MIGRATE_BEGIN). One port at least. */
export const MigrationTarget = z
  .object({
    host: z.string().min(1).max(253),
    port: Port.optional(),
    /** The port that speaks TLS. */
    securePort: Port.optional(),
    /** The subject that the certificate there must have, as in a .vv file's `host-subject`. */
    certificateSubject: z.string().max(4096).optional(),
  })
  .refine(({ port, securePort }) => port !== undefined || securePort !== undefined, "has no port");
export type MigrationTarget = z.infer<typeof MigrationTarget>;

/** What a page asks of a SPICE console beyond its first stream, which is the main channel (SpiceLinkMess). */
export const ChannelRequest = z.object({
  /** SPICE's number of the kind of channel: 1 main, 2 display, 3 inputs, … */
  type: Byte,
  id: Byte,
  /** `session_id` of the main channel's init message; 0 only for a main channel that begins a new session. */
  sessionId: Word,
  /** The channel's own capabilities, 32 bits a word; the common ones are the host process's. */
  capabilities: z.array(Word).max(MAX_CAPABILITY_WORDS),
  /** Another server than the console's own: the one that the guest is moved to. */
  target: MigrationTarget.optional(),
});
export type ChannelRequest = z.infer<typeof ChannelRequest>;

const method = <P extends z.ZodType, R extends z.ZodType>(params: P, result: R) => ({ params, result });

export const API_METHODS = {
  "app.info": method(nothing, AppInfo),
  /** A bug that the page met; goes to the host process's log. */
  "app.reportBug": method(z.object({ message: z.string().max(4096), stack: z.string().max(16_384) }), nothing),

  "hosts.describe": method(z.object({ uri: z.string().max(2048) }), UriMeaning),
  "hosts.add": method(ConfiguredHost, z.object({ hostId: HostId })),
  /** Replaces address and label of a configured host. */
  "hosts.edit": method(
    z.object({ hostId: HostId, uri: z.string().max(2048), label: z.string().max(200).optional() }),
    z.object({ hostId: HostId }),
  ),
  "hosts.remove": method(z.object({ hostId: HostId }), nothing),
  /** Tries a failed host again now. */
  "hosts.retry": method(z.object({ hostId: HostId }), nothing),
  "hosts.discover": method(nothing, z.object({ findings: z.array(DiscoveryFinding) })),

  "guests.power": method(z.object({ guestId: GuestId, action: PowerAction }), nothing),

  "console.open": method(z.object({ guestId: GuestId, consoleId: ConsoleId }), OpenedConsole),
  /**
   * A further stream of an open connection (SPICE: one a channel). It is linked and logged in already: its first bytes are the
   * server's link reply as it was sent, then the link result 0, then the channel's messages.
   */
  "console.stream": method(
    z.object({ connectionId: ConnectionId, channel: ChannelRequest.optional() }),
    z.object({ ticket: TicketId }),
  ),
  "console.close": method(z.object({ connectionId: ConnectionId }), nothing),
  /** Tells a text console its size, where the far side can use it (telnet NAWS). */
  "console.resize": method(
    z.object({
      connectionId: ConnectionId,
      columns: z.number().int().min(1).max(1000),
      rows: z.number().int().min(1).max(1000),
    }),
    nothing,
  ),

  "questions.answer": method(z.object({ questionId: QuestionId, answer: Answer }), nothing),

  "settings.change": method(SettingsPatch, nothing),
  /** What a window begins with. Only a window that saves its layout asks for it. */
  "layout.load": method(z.object({ windowId: WindowId }), Layout),
  /** Tabs of other windows are kept beside it. */
  "layout.save": method(z.object({ windowId: WindowId, layout: Layout }), nothing),

  "addressBook.put": method(AddressBookEntry, nothing),
  "addressBook.remove": method(z.object({ id: z.string().max(64) }), nothing),
  /** JSON text, as `addressBook.export` gives it. Entries with a known id replace; the count of taken entries comes back. */
  "addressBook.import": method(z.object({ text: z.string().max(8 * 1024 * 1024) }), z.object({ count: z.number() })),
  "addressBook.export": method(nothing, z.object({ text: z.string() })),
  /** The certificates that the user accepted, by target, sorted. */
  "trust.list": method(nothing, z.object({ certificates: z.array(AcceptedCertificate).max(10_000) })),
  /** Forgets accepted certificates and passwords in memory. */
  "trust.forget": method(z.object({ target: z.string().max(512) }), nothing),
} as const;

export type ApiMethods = typeof API_METHODS;
export type ApiMethod = keyof ApiMethods;
export type ApiParams<M extends ApiMethod> = z.input<ApiMethods[M]["params"]>;
export type ApiResult<M extends ApiMethod> = z.output<ApiMethods[M]["result"]>;

/** Events that the host process sends unasked, first of all the whole picture of each: settings, inventory, questions. */
export const ApiEvent = z.discriminatedUnion("name", [
  z.object({ name: z.literal("inventory"), change: InventoryChange }),
  z.object({ name: z.literal("settings"), settings: Settings }),
  /** All questions that are open now. */
  z.object({ name: z.literal("questions"), questions: z.array(Question) }),
  /** The shell or another start of the program asks the page to show a guest. */
  z.object({ name: z.literal("show-guest"), guestId: GuestId }),
  /**
   * A console's far side ended; `error` says how. Its WebSockets close as well. SPICE: the last main channel ended; that another
   * channel ended is told by its WebSocket alone, and the console lives on.
   */
  z.object({ name: z.literal("console-closed"), connectionId: ConnectionId, error: ErrorReport }),
]);
export type ApiEvent = z.infer<typeof ApiEvent>;
export type ApiEventName = ApiEvent["name"];

const RequestId = z.number().int().min(0);

export const ClientMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("request"), id: RequestId, method: z.string().max(64), params: z.unknown() }),
  z.object({ type: z.literal("cancel"), id: RequestId }),
]);
export type ClientMessage = z.infer<typeof ClientMessage>;

export const ServerMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("result"), id: RequestId, result: z.unknown() }),
  z.object({ type: z.literal("error"), id: RequestId, error: ErrorReport }),
  z.object({ type: z.literal("event"), event: ApiEvent }),
]);
export type ServerMessage = z.infer<typeof ServerMessage>;

/** Where things are on the gateway. */
export const GATEWAY_PATHS = {
  /** POST {token}: trades the start token for the session cookie. */
  session: "/session",
  api: "/api",
  /** WebSocket; the ticket is the second subprotocol, after STREAM_SUBPROTOCOL. */
  stream: "/stream",
  /** GET /picture/<encoded guest id>: a picture of the guest from its host's screenshot call. */
  picture: "/picture/",
} as const;

export const STREAM_SUBPROTOCOL = "switchyard.stream.v1";

/**
 * The only text messages on a stream, from the page: how the guest's bytes are to come. "gather" is for a console that nobody
 * looks at: what the guest sends within some tens of milliseconds comes as one message. "at-once" is how a stream begins.
 */
export const STREAM_PACES = ["at-once", "gather"] as const;
export type StreamPace = (typeof STREAM_PACES)[number];

/** A ticket that is not used in this time is void. Long enough for a page under load, too short to be worth stealing. */
export const TICKET_LIFETIME_MS = 15_000;

/** A page's API message may not be larger. An imported address book is the largest. */
export const MAX_API_MESSAGE_BYTES = 16 * 1024 * 1024;

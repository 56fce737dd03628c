import { z } from "zod";
import { GuestId, HostId, QuestionId } from "./ids.ts";

/** What the host process must ask a person on the way to a host or console. Texts are made by the renderer. */
export const QuestionBody = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("password"),
    /** What it opens: "SSH", "VNC", "libvirt". */
    service: z.string().max(64),
    /** "rack-a:22", a guest's name, … */
    target: z.string().max(512),
    /** Set when a user name is needed too; the value is the suggestion, may be empty. */
    userName: z.string().max(256).optional(),
    reason: z.enum(["first", "refused"]),
  }),
  z.object({
    kind: z.literal("passphrase"),
    keyFile: z.string().max(1024),
    reason: z.enum(["first", "refused"]),
  }),
  z.object({
    kind: z.literal("prompt"),
    /** The server's own words (SSH keyboard-interactive); untrusted text, shown as such. */
    prompt: z.string().max(1024),
    target: z.string().max(512),
    isSecret: z.boolean(),
  }),
  z.object({
    kind: z.literal("ssh-host-key"),
    target: z.string().max(512),
    keyType: z.string().max(64),
    /** "SHA256:…" as `ssh-keygen -l` prints it. */
    fingerprint: z.string().max(256),
  }),
  z.object({
    kind: z.literal("certificate"),
    target: z.string().max(512),
    subject: z.string().max(512),
    issuer: z.string().max(512),
    validFrom: z.string().max(64),
    validTo: z.string().max(64),
    /** SHA-256, hex pairs with colons. */
    fingerprint: z.string().max(256),
    /** Why it is not trusted by itself, a lower-case clause. */
    problem: z.string().max(512),
  }),
  z.object({
    /** Somebody else has a console that serves one user; accepting sends them away. */
    kind: z.literal("take-over"),
    target: z.string().max(512),
  }),
]);
export type QuestionBody = z.infer<typeof QuestionBody>;

/** A question that is open now. It goes away by itself when what asked it gives up. */
export const Question = z.object({
  id: QuestionId,
  /** Whom it is for, so that it is shown at the right place: with a guest, over that guest's console; else at the host. */
  about: z.object({ hostId: HostId.optional(), guestId: GuestId.optional() }),
  body: QuestionBody,
});
export type Question = z.infer<typeof Question>;

export const Answer = z.discriminatedUnion("kind", [
  /** To password, passphrase, prompt. Goes one way only: it is never stored in the page. */
  z.object({
    kind: z.literal("secret"),
    userName: z.string().max(256).optional(),
    secret: z.string().max(16_384),
  }),
  /** To ssh-host-key and certificate: remember it, or accept it only this time. To take-over: take it, with nothing to remember. */
  z.object({ kind: z.literal("accept"), remember: z.boolean() }),
  z.object({ kind: z.literal("refuse") }),
]);
export type Answer = z.infer<typeof Answer>;

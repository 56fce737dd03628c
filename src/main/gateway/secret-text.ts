import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 random bits as text that fits a cookie, a subprotocol and a URL fragment. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** Compares in a time that tells nothing of where the two differ, nor of their lengths. */
export function isSameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

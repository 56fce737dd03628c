import { hrefOf } from "./folder-path.ts";
import type { FolderEntry, FolderPath } from "./shared-folder.ts";

const DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n';

/** As text or as a value in quotes; characters that XML 1.0 has no way to write become U+FFFD. */
export function escapeXml(text: string): string {
  const entity: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"]/g, (character) => entity[character] ?? "");
}

/** Changes whenever the content is likely to have changed. */
export function entityTagOf(entry: FolderEntry): string {
  return `"${entry.sizeBytes.toString(16)}-${Math.trunc(entry.modifiedMs).toString(16)}"`;
}

export function httpDateOf(entry: FolderEntry): string {
  return new Date(entry.modifiedMs).toUTCString();
}

/** RFC 4918 §15 "DAV Properties", those that a folder of files has. */
function propertiesOf(entry: FolderEntry, isLockable: boolean): string {
  const kind =
    entry.kind === "folder"
      ? "<D:resourcetype><D:collection/></D:resourcetype>"
      : `<D:resourcetype/><D:getcontentlength>${String(entry.sizeBytes)}</D:getcontentlength>` +
        "<D:getcontenttype>application/octet-stream</D:getcontenttype>" +
        `<D:getetag>${escapeXml(entityTagOf(entry))}</D:getetag>`;
  const locks = isLockable
    ? "<D:supportedlock><D:lockentry><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry></D:supportedlock>"
    : "<D:supportedlock/>";
  return (
    `<D:displayname>${escapeXml(entry.name)}</D:displayname>${kind}` +
    `<D:creationdate>${new Date(entry.modifiedMs).toISOString()}</D:creationdate>` +
    `<D:getlastmodified>${httpDateOf(entry)}</D:getlastmodified>${locks}`
  );
}

export interface ListedResource {
  readonly path: FolderPath;
  readonly entry: FolderEntry;
}

/** RFC 4918 §9.1 "PROPFIND Method": all properties, whichever were asked for. */
export function encodeMultistatus(
  resources: readonly ListedResource[],
  options: { readonly isLockable: boolean },
): string {
  const responses = resources.map(
    ({ path, entry }) =>
      `<D:response><D:href>${escapeXml(hrefOf(path, entry.kind))}</D:href><D:propstat><D:prop>` +
      `${propertiesOf(entry, options.isLockable)}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>\n`,
  );
  return `${DECLARATION}<D:multistatus xmlns:D="DAV:">\n${responses.join("")}</D:multistatus>\n`;
}

export interface PropertyName {
  readonly namespace: string;
  readonly name: string;
}

/** Properties that Windows sets after each write, and calls the write failed where they are refused. They are not kept. */
export const IGNORED_NAMESPACE = "urn:schemas-microsoft-com:";

/** RFC 4918 §9.2 "PROPPATCH Method". */
export function encodePropertyAnswer(
  path: FolderPath,
  kind: FolderEntry["kind"],
  names: readonly PropertyName[],
): string {
  const isTaken = names.every(({ namespace }) => namespace === IGNORED_NAMESPACE);
  const status = isTaken ? "200 OK" : "403 Forbidden";
  const properties = names.map(({ namespace, name }) => `<P:${name} xmlns:P="${escapeXml(namespace)}"/>`).join("");
  return (
    `${DECLARATION}<D:multistatus xmlns:D="DAV:"><D:response><D:href>${escapeXml(hrefOf(path, kind))}</D:href>` +
    `<D:propstat><D:prop>${properties}</D:prop><D:status>HTTP/1.1 ${status}</D:status></D:propstat></D:response></D:multistatus>\n`
  );
}

/** The properties that a PROPPATCH names: the elements within `prop`. What is not XML names none. */
export function parsePropertyNames(body: string): PropertyName[] {
  const namespaceByPrefix = new Map<string, string>();
  const names: PropertyName[] = [];
  let depth = 0;
  let propDepth: number | undefined;
  for (const [, slash = "", prefix = "", name = "", rest = ""] of body.matchAll(
    /<(\/?)(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*)([^<>]*)>/g,
  )) {
    if (slash !== "") {
      depth -= 1;
      if (depth === propDepth) propDepth = undefined;
      continue;
    }
    for (const [, declared = "", namespace = ""] of rest.matchAll(/xmlns(?::([\w.-]+))?\s*=\s*["']([^"']*)["']/g)) {
      namespaceByPrefix.set(declared, namespace);
    }
    const namespace = namespaceByPrefix.get(prefix) ?? "";
    if (propDepth !== undefined && depth === propDepth + 1) names.push({ namespace, name });
    if (propDepth === undefined && name === "prop" && namespace === "DAV:") propDepth = depth;
    if (!rest.endsWith("/")) depth += 1;
    else if (propDepth === depth) propDepth = undefined;
  }
  return names;
}

/** RFC 4918 §9.10 "LOCK Method". */
export function encodeLock(lock: { readonly token: string; readonly seconds: number; readonly href: string }): string {
  return (
    `${DECLARATION}<D:prop xmlns:D="DAV:"><D:lockdiscovery><D:activelock><D:locktype><D:write/></D:locktype>` +
    `<D:lockscope><D:exclusive/></D:lockscope><D:depth>infinity</D:depth><D:timeout>Second-${String(lock.seconds)}</D:timeout>` +
    `<D:locktoken><D:href>${escapeXml(lock.token)}</D:href></D:locktoken><D:lockroot><D:href>${escapeXml(lock.href)}</D:href></D:lockroot>` +
    "</D:activelock></D:lockdiscovery></D:prop>\n"
  );
}

/** RFC 4918 §16 "Precondition/Postcondition XML Elements". */
export function encodeCondition(name: string): string {
  return `${DECLARATION}<D:error xmlns:D="DAV:"><D:${name}/></D:error>\n`;
}

/**
 * The names of a certificate's subject, and whether they are those that a SPICE host subject asks for. The reference is
 * spice-common's ssl_verify.c: as many entries, in the same order, equal as X.509 compares names (RFC 5280, section 7.1).
 */

interface SubjectEntry {
  /** OpenSSL's short name: "CN", "O", … */
  readonly key: string;
  readonly value: string;
}

/** Names that OpenSSL also takes; a certificate is printed with the short ones. */
const SHORT_NAME: Readonly<Record<string, string>> = {
  commonName: "CN",
  countryName: "C",
  stateOrProvinceName: "ST",
  localityName: "L",
  organizationName: "O",
  organizationalUnitName: "OU",
  domainComponent: "DC",
  userId: "UID",
  surname: "SN",
  givenName: "GN",
};

/** No subject that a person set up has more. */
const MAX_ENTRIES = 64;

/** "O=Lab,CN=rack-a": `\,` and `\\` stand for themselves. Undefined: not of this form. */
export function parseHostSubject(text: string): SubjectEntry[] | undefined {
  const entries: SubjectEntry[] = [];
  let key: string | undefined;
  let part = "";
  for (let at = 0; at <= text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "\\") {
      at += 1;
      const escaped = text.charAt(at);
      if (escaped !== "\\" && escaped !== ",") return undefined;
      part += escaped;
    } else if (key === undefined && character === "=") {
      key = part;
      part = "";
    } else if (character === "," || character === "") {
      // Only a comma at the very end may stand alone.
      if (key === undefined) return part.trim() === "" && character === "" && entries.length > 0 ? entries : undefined;
      if (part === "" || entries.length >= MAX_ENTRIES) return undefined;
      entries.push({ key: Object.hasOwn(SHORT_NAME, key) ? (SHORT_NAME[key] ?? key) : key, value: part });
      key = undefined;
      part = "";
      if (character === "") return entries;
    } else if (key !== undefined || part !== "" || character !== " ") {
      part += character;
    }
  }
  return entries;
}

/** A subject as Node's X509Certificate prints it: one entry a line, values escaped as in RFC 2253. */
export function parsePrintedSubject(text: string): SubjectEntry[] {
  return text.split("\n").map((line) => {
    const equals = line.indexOf("=");
    return { key: line.slice(0, Math.max(equals, 0)), value: unescaped(line.slice(equals + 1)) };
  });
}

function unescaped(text: string): string {
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const [, hex, plain, other] of text.matchAll(/\\([0-9A-Fa-f]{2})|\\(.)|([^\\]+)/gsu)) {
    if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else bytes.push(...encoder.encode(plain ?? other ?? ""));
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** X.509 compares names without case and without spaces that make no difference. */
function canonical(value: string): string {
  return value.trim().replace(/\s+/g, " ").toLowerCase();
}

/** Whether a certificate, as Node prints its subject, is the one that a host subject asks for. */
export function isExpectedSubject(printedSubject: string, hostSubject: string): boolean {
  const expected = parseHostSubject(hostSubject);
  const shown = parsePrintedSubject(printedSubject);
  return (
    expected !== undefined &&
    expected.length === shown.length &&
    expected.every(({ key, value }, at) => key === shown[at]?.key && canonical(value) === canonical(shown[at].value))
  );
}

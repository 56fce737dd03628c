/** RFB security types (RFB, section 7.2 and the IANA registry). https://github.com/rfbproto/rfbproto/blob/master/rfbproto.rst#security */
export const SECURITY_TYPE = {
  invalid: 0,
  none: 1,
  vncAuthentication: 2,
  tight: 16,
  veNCrypt: 19,
  diffieHellman: 30,
} as const;

/** VeNCrypt's subtypes (RFB, section "VeNCrypt"). */
export const VENCRYPT_SUBTYPE = {
  plain: 256,
  tlsNone: 257,
  tlsVnc: 258,
  tlsPlain: 259,
  x509None: 260,
  x509Vnc: 261,
  x509Plain: 262,
} as const;

const NAME_BY_TYPE: Readonly<Record<number, string>> = {
  1: "None",
  2: "VNC password",
  5: "RSA-AES (RA2)",
  6: "RSA-AES (RA2ne)",
  13: "RSA-AES two-step (RA2r)",
  16: "Tight",
  17: "Ultra",
  18: "TLS (GNOME)",
  19: "VeNCrypt",
  20: "SASL",
  21: "MD5",
  22: "xvp",
  30: "Apple Diffie-Hellman",
  33: "Apple RSA-SRP",
  35: "Apple Kerberos",
  36: "Apple direct SRP",
  113: "MS-Logon II",
  129: "RSA-AES-256",
  130: "RSA-AES-256 (ne)",
  133: "RSA-AES-256 two-step",
  256: "VeNCrypt Plain",
  257: "VeNCrypt TLSNone",
  258: "VeNCrypt TLSVnc",
  259: "VeNCrypt TLSPlain",
  260: "VeNCrypt X509None",
  261: "VeNCrypt X509Vnc",
  262: "VeNCrypt X509Plain",
  263: "VeNCrypt TLSSASL",
  264: "VeNCrypt X509SASL",
};

/** Longest list of names in a text. */
const MAX_NAMED_TYPES = 8;

/** "SASL, RSA-AES (RA2)": for the user, who may change the server's settings. */
export function securityTypeNames(types: readonly number[]): string {
  const names = types.slice(0, MAX_NAMED_TYPES).map((type) => NAME_BY_TYPE[type] ?? `type ${String(type)}`);
  return names.length === 0 ? "none at all" : names.join(", ");
}

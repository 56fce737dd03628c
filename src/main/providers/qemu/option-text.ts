/** QEMU's option texts: `head,key=value,flag,noflag`, where a doubled comma stands for one (QEMU manual, "-name"). */
export interface OptionText {
  /** The first part when it has no `=`: what it means depends on the option. */
  readonly head: string | undefined;
  /** A flag is "on", `noflag` is flag "off" as QEMU read it before 6.0. */
  readonly valueByKey: ReadonlyMap<string, string>;
}

function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let part = "";
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character !== ",") part += character;
    else if (text.charAt(at + 1) === ",") {
      part += ",";
      at += 1;
    } else {
      parts.push(part);
      part = "";
    }
  }
  return [...parts, part];
}

const LEGACY_NEGATED_FLAGS = new Set(["wait", "delay", "ipv4", "ipv6", "telnet", "server"]);

export function parseOptionText(text: string): OptionText {
  const valueByKey = new Map<string, string>();
  let head: string | undefined;
  for (const [index, part] of splitAtCommas(text).entries()) {
    const equals = part.indexOf("=");
    if (equals >= 0) valueByKey.set(part.slice(0, equals), part.slice(equals + 1));
    else if (index === 0) head = part;
    else if (part.startsWith("no") && LEGACY_NEGATED_FLAGS.has(part.slice(2))) valueByKey.set(part.slice(2), "off");
    else if (part !== "") valueByKey.set(part, "on");
  }
  return { head, valueByKey };
}

/** QEMU's own reading of a switch; absent means off. */
export function isOn(options: OptionText, key: string): boolean {
  return ["on", "yes", "true", "y"].includes(options.valueByKey.get(key) ?? "off");
}

/** The options of `-device` and `-object` may also stand as one JSON object; its texts are read as options. */
export function parseOptionTextOrJson(text: string, headKey: string): OptionText {
  if (!text.startsWith("{")) return parseOptionText(text);
  const valueByKey = new Map<string, string>();
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) {
      for (const [key, entry] of Object.entries(value)) {
        if (typeof entry === "string") valueByKey.set(key, entry);
      }
    }
  } catch {
    // QEMU would not have started with it; there is nothing to learn from it.
  }
  return { head: valueByKey.get(headKey), valueByKey };
}

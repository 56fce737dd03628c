/** Switches that Electron and Chromium take themselves but leave in the arguments. */
const ENGINE_SWITCH = /^--(no-sandbox|disable-|enable-|ozone-|force-|remote-debugging|inspect|user-data-dir|lang)/;

/**
 * The program's own words from the arguments of an Electron process. What the system hands over stays as it is when it is a console
 * (vnc://host, spice://host, a .vv file); switchyard://NAME becomes the option that it stands for.
 */
export function ownArguments(argv: readonly string[], options: { isPackaged: boolean }): string[] {
  // An unpackaged run names the project's folder first.
  return argv.slice(options.isPackaged ? 1 : 2).flatMap((word, index, words) => {
    if (ENGINE_SWITCH.test(word)) return [];
    const isValueOfOption = ["--connect", "--open"].includes(words[index - 1] ?? "");
    if (isValueOfOption) return [word];
    const name = /^switchyard:\/\/([^/?#]+)/i.exec(word)?.[1];
    if (name !== undefined) return ["--open", decodedName(name)];
    return [word];
  });
}

function decodedName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

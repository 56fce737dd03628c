import { describe, expect, it } from "vitest";
import { ownArguments } from "./command-line.ts";

const packaged = (...words: string[]) => ownArguments(["/opt/switchyard", ...words], { isPackaged: true });

describe("arguments of an Electron process", () => {
  it("begin after the program, and after the project's folder when not packaged", () => {
    expect(packaged("--demo")).toEqual(["--demo"]);
    expect(ownArguments(["electron", "/src", "--demo"], { isPackaged: false })).toEqual(["--demo"]);
  });

  it("lose the engine's own switches", () => {
    expect(packaged("--no-sandbox", "--ozone-platform=wayland", "--kiosk")).toEqual(["--kiosk"]);
  });

  it("turn handed-over addresses into options, but not the value of an option", () => {
    expect(packaged("vnc://box:5900")).toEqual(["--connect", "vnc://box:5900"]);
    expect(packaged("switchyard://my%20guest")).toEqual(["--open", "my guest"]);
    expect(packaged("switchyard://%zz")).toEqual(["--open", "%zz"]);
    expect(packaged("--connect", "vnc://box:5900")).toEqual(["--connect", "vnc://box:5900"]);
  });
});

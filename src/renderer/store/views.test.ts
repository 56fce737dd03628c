import { describe, expect, it } from "vitest";
import { bindActions, createAppStore } from "./app-store.ts";
import { createViews } from "./views.ts";

function start() {
  const store = createAppStore();
  const views = createViews(store);
  const seen: [string, string][] = [];
  const stop = views.subscribe((state, before) => {
    seen.push([before.filter, state.filter]);
  });
  return { store, views, seen, stop, actions: bindActions(store) };
}

describe("views", () => {
  it("hear of each change at once", () => {
    const { actions, seen } = start();
    actions.setFilter("a");
    actions.setFilter("b");
    expect(seen).toEqual([
      ["", "a"],
      ["a", "b"],
    ]);
  });

  it("hear once of all that changed while they were held, and the store knows it before", () => {
    const { store, actions, views, seen } = start();
    views.hold();
    views.hold();
    actions.setFilter("a");
    actions.setFilter("b");
    views.release();
    expect([seen, store.getState().filter]).toEqual([[], "b"]);
    views.release();
    expect(seen).toEqual([["", "b"]]);
  });

  it("hear nothing at a release without a change, nor after they stopped to listen", () => {
    const { actions, views, seen, stop } = start();
    views.hold();
    views.release();
    stop();
    actions.setFilter("a");
    expect(seen).toEqual([]);
  });
});

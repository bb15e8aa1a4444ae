import { describe, expect, it } from "vitest";
import { Members } from "./members";
import type { RosterEntry } from "./wire/protocol";

const ada: RosterEntry = { id: "m1", name: "Ada", role: "host", colour: 0, clients: [11, 12] };
const mei: RosterEntry = { id: "m2", name: "Mei", role: "editor", colour: 1, clients: [21] };

describe("the roster", () => {
  it("says whose a client id is, and of strangers nothing", () => {
    const members = new Members();
    members.apply({ reset: true, present: [ada, mei], gone: [] });
    expect(members.byClient.value.get(12)?.name).toBe("Ada");
    expect(members.byClient.value.get(21)?.name).toBe("Mei");
    expect(members.byClient.value.get(99)).toBeUndefined();
  });

  it("takes over new names and new client ids", () => {
    const members = new Members();
    members.apply({ reset: true, present: [ada], gone: [] });
    members.apply({ reset: false, present: [{ ...ada, name: "Ada L.", clients: [13] }], gone: [] });
    expect(members.byClient.value.get(13)?.name).toBe("Ada L.");
    expect(members.byClient.value.has(11)).toBe(false);
  });

  it("lets people go, one by one or all at once", () => {
    const members = new Members();
    members.apply({ reset: true, present: [ada, mei], gone: [] });
    members.apply({ reset: false, present: [], gone: ["m1"] });
    expect([...members.all.value.keys()]).toEqual(["m2"]);
    members.apply({ reset: true, present: [ada], gone: [] });
    expect([...members.all.value.keys()]).toEqual(["m1"]);
  });
});

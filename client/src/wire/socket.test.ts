import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Socket, type SocketOptions } from "./socket";

class FakeWebSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  binaryType = "";
  readonly sent: Uint8Array[] = [];
  closed = false;

  send(frame: Uint8Array): void {
    this.sent.push(frame);
  }

  close(): void {
    this.closed = true;
  }
}

function setUp(overrides: Partial<SocketOptions> = {}) {
  const tries: FakeWebSocket[] = [];
  const device = { visible: true, online: true, changed: () => {} };
  const calls: string[] = [];
  const socket = new Socket({
    address: () => ({ url: "ws://test/ws/room", protocols: ["caretroom.token.t"] }),
    surroundings: {
      visible: () => device.visible,
      online: () => device.online,
      watch: (changed) => {
        device.changed = changed;
        return () => {
          device.changed = () => {};
        };
      },
    },
    opened: () => calls.push("opened"),
    received: () => calls.push("received"),
    lost: () => calls.push("lost"),
    refusal: () => Promise.resolve(null),
    probe: () => calls.push("probe"),
    connect: () => {
      const made = new FakeWebSocket();
      tries.push(made);
      return made as unknown as WebSocket;
    },
    random: () => 1,
    ...overrides,
  });
  socket.start();
  const last = () => tries[tries.length - 1] as FakeWebSocket;
  const open = () => last().onopen?.();
  const hear = () => last().onmessage?.({ data: new ArrayBuffer(1) });
  const close = async (code: number) => {
    last().onclose?.({ code });
    await vi.advanceTimersByTimeAsync(0);
  };
  const change = (state: Partial<typeof device>) => {
    Object.assign(device, state);
    device.changed();
  };
  return { socket, tries, calls, last, open, hear, close, change };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a lost connection", () => {
  it.each([1001, 1006, 1011, 1012, 1013])("comes back after code %i", async (code) => {
    const { socket, tries, open, close, calls } = setUp();
    open();
    expect(socket.connection.value.state).toBe("live");
    await close(code);
    expect(socket.connection.value.state).toBe("reconnecting");
    expect(calls).toEqual(["opened", "lost"]);
    await vi.advanceTimersByTimeAsync(300);
    expect(tries).toHaveLength(2);
  });

  it("waits longer each time, up to a bound, and begins anew once it was heard", async () => {
    const { tries, open, hear, close } = setUp();
    for (const delay of [300, 600, 1200, 2400, 4800, 5000, 5000]) {
      const before = tries.length;
      await close(1006);
      await vi.advanceTimersByTimeAsync(delay - 1);
      expect(tries).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(tries).toHaveLength(before + 1);
    }
    open();
    hear();
    await close(1006);
    await vi.advanceTimersByTimeAsync(300);
    expect(tries).toHaveLength(9);
  });

  it("spreads returns over half of the delay", async () => {
    const { tries, close } = setUp({ random: () => 0 });
    await close(1006);
    await vi.advanceTimersByTimeAsync(149);
    expect(tries).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(tries).toHaveLength(2);
  });

  it("does not bring a whole class back in one instant, however often the server is away", async () => {
    let drawn = 7;
    const random = () => {
      drawn = (drawn * 16_807) % 2_147_483_647;
      return drawn / 2_147_483_647;
    };
    const everyone = Array.from({ length: 40 }, () => setUp({ random }));
    for (const { open } of everyone) open();
    for (const longest of [300, 600, 1_200]) {
      await Promise.all(everyone.map(({ close }) => close(1006)));
      const before = everyone.map(({ tries }) => tries.length);
      const perSlot: number[] = [];
      const slot = longest / 20;
      for (let at = 0; at < longest; at += slot) {
        await vi.advanceTimersByTimeAsync(slot);
        perSlot.push(everyone.filter(({ tries }, index) => tries.length > (before[index] ?? 0)).length);
      }
      const fresh = perSlot.map((sum, index) => sum - (perSlot[index - 1] ?? 0));
      expect(perSlot.at(-1)).toBe(40);
      expect(fresh.slice(0, 9)).toEqual(Array(9).fill(0));
      expect(Math.max(...fresh)).toBeLessThanOrEqual(10);
    }
  });

  it("knocks rarely while nobody looks, and at once when somebody does", async () => {
    const { tries, close, change } = setUp();
    change({ visible: false });
    for (let n = 0; n < 9; n++) {
      await close(1006);
      await vi.advanceTimersByTimeAsync(60_000);
    }
    const before = tries.length;
    await close(1006);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(tries).toHaveLength(before);
    change({ visible: true });
    expect(tries).toHaveLength(before + 1);
  });

  it("is called offline while there is no network, and returns as soon as there is", async () => {
    const { socket, tries, open, close, change } = setUp();
    open();
    change({ online: false });
    await close(1006);
    expect(socket.connection.value.state).toBe("offline");
    change({ online: true });
    expect(tries).toHaveLength(2);
  });
});

describe("a connection that only looks alive", () => {
  it("is replaced after a long silence", async () => {
    const { socket, open, hear, last } = setUp();
    open();
    await vi.advanceTimersByTimeAsync(30_000);
    hear();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(socket.connection.value.state).toBe("live");
    const silent = last();
    await vi.advanceTimersByTimeAsync(6_000);
    expect(silent.closed).toBe(true);
    expect(socket.connection.value.state).toBe("reconnecting");
  });

  it("is asked when the network goes, and kept when it answers", async () => {
    const { socket, open, hear, change, calls } = setUp();
    open();
    change({ online: false });
    expect(calls).toContain("probe");
    hear();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(socket.connection.value.state).toBe("live");
  });

  it("is given up when it does not answer", async () => {
    const { socket, open, change } = setUp();
    open();
    change({ online: false });
    await vi.advanceTimersByTimeAsync(4_000);
    expect(socket.connection.value.state).toBe("offline");
  });
});

describe("a final answer", () => {
  it.each([1009, 4400, 4401, 4403, 4404, 4408, 4409, 4410, 4429])(
    "of code %i stops for good",
    async (code) => {
      const { socket, tries, open, close, change } = setUp();
      open();
      await close(code);
      expect(socket.connection.value).toEqual({ state: "closed", code });
      change({ online: false });
      change({ online: true });
      await vi.advanceTimersByTimeAsync(120_000);
      expect(tries).toHaveLength(1);
    },
  );

  it("in the upgrade is learnt over HTTP", async () => {
    const { socket, tries, close } = setUp({ refusal: () => Promise.resolve(410) });
    await close(1006);
    expect(socket.connection.value).toEqual({ state: "closed", code: 410 });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(tries).toHaveLength(1);
  });
});

describe("sending", () => {
  it("reaches the server only while there is a connection", async () => {
    const { socket, open, close, last } = setUp();
    socket.send(new Uint8Array([1]));
    open();
    socket.send(new Uint8Array([2]));
    const first = last();
    await close(1006);
    socket.send(new Uint8Array([3]));
    expect(first.sent).toEqual([new Uint8Array([2])]);
  });
});

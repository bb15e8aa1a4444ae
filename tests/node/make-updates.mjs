// Writes tests/vectors/updates.json: updates as the real Yjs makes them when people edit a room.
// Each step of a story says which earlier steps it cannot do without (`needs`), and what the files are once it and
// all that went before are applied. The same run always writes the same bytes.
import { writeFileSync } from "node:fs";
import * as Y from "yjs";

const SEED_CLIENT = 1;
const ANNA = 3_735_928_559;
const BEN = 271_828_182;
const CARO = 4_000_000_000_000; // ids go up to 2^53

const stories = [];

/** Tells one story: `tell` gets people to act with, and every change that they send becomes a step. */
function story(name, tell) {
  const steps = [];
  const everyone = new Y.Doc();
  const send = (update, needs) => {
    Y.applyUpdate(everyone, update);
    steps.push({ update: Buffer.from(update).toString("base64"), needs, files: everyone.getMap("files").toJSON() });
    return steps.length - 1;
  };
  tell({
    send,
    person: (client, options = {}) => new Person(client, options, send),
    seed: () => {
      const seeder = new Person(SEED_CLIENT, {}, send);
      return seeder.act([], () => seeder.addFile("main", "main.py", "print('hello')\n"));
    },
    update: (step) => Buffer.from(steps[step].update, "base64"),
  });
  stories.push({ name, steps });
}

class Person {
  #send;

  constructor(client, options, send) {
    this.doc = new Y.Doc(options);
    this.doc.clientID = client;
    this.files = this.doc.getMap("files");
    this.#send = send;
  }

  /** The update that Yjs emits for what `change` does. */
  change(change) {
    const updates = [];
    const note = (update) => updates.push(update);
    this.doc.on("update", note);
    change();
    this.doc.off("update", note);
    if (updates.length !== 1) throw new Error(`expected one update, came ${updates.length}`);
    return updates[0];
  }

  act(needs, change) {
    return this.#send(this.change(change), needs);
  }

  hears(...updates) {
    for (const update of updates) Y.applyUpdate(this.doc, update);
    return this;
  }

  addFile(id, name, text) {
    this.files.set(id, new Y.Map([["name", name], ["text", new Y.Text(text)]]));
  }

  text(id = "main") {
    return this.files.get(id).get("text");
  }
}

story("typing in small steps", ({ seed, person, update }) => {
  let last = seed();
  const anna = person(ANNA).hears(update(last));
  for (const [index, character] of [..."for i in range(3):\n"].entries()) {
    last = anna.act([last], () => anna.text().insert(index, character));
  }
  for (const character of "# hi ") {
    last = anna.act([last], () => anna.text().insert(4, character));
  }
});

story("a big paste with emoji", ({ seed, person, update }) => {
  const seeded = seed();
  const anna = person(ANNA).hears(update(seeded));
  const line = "print('🐍 Grüße, 世界 👩‍👩‍👧‍👦')\n";
  const pasted = anna.act([seeded], () => anna.text().insert(6, line.repeat(500)));
  anna.act([pasted], () => anna.text().insert(6 + line.length * 250, "🙂"));
});

story("halves of surrogate pairs", ({ seed, person, update }) => {
  const seeded = seed();
  const anna = person(ANNA).hears(update(seeded));
  const low = anna.act([seeded], () => anna.text().insert(0, "\ud83d"));
  const high = anna.act([low], () => anna.text().insert(1, "\ude00"));
  const whole = anna.act([high], () => anna.text().insert(2, "a😀b😀c"));
  anna.act([whole], () => anna.text().insert(5, "-"));
});

story("changes between the halves of a pair", ({ seed, person, update, send }) => {
  const seeded = seed();
  const anna = person(ANNA).hears(update(seeded));
  const ben = person(BEN);
  const line = anna.act([seeded], () => anna.text().insert(0, "a😀b😀c👩‍👩‍👧‍👦d🐍"));
  ben.hears(update(seeded), update(line));
  const between = anna.act([line], () => anna.text().insert(2, "-"));
  const half = anna.act([line], () => anna.text().delete(6, 1));
  const family = ben.act([line], () => ben.text().delete(10, 3));
  ben.hears(update(between), update(half));
  anna.hears(update(family));
  const again = ben.act([between], () => ben.text().insert(3, "+"));
  const snake = [anna.change(() => anna.text().insert(0, "x🐍y")), anna.change(() => anna.text().insert(2, "|"))];
  const both = send(Y.mergeUpdates(snake), [between]);
  ben.hears(...snake);
  anna.hears(update(again));
  ben.act([both, again], () => ben.text().insert(3, "end"));
  send(Y.encodeStateAsUpdate(anna.doc), []);
});

story("deleting", ({ seed, person, update }) => {
  const seeded = seed();
  const anna = person(ANNA).hears(update(seeded));
  anna.act([seeded], () => anna.text().delete(0, 1));
  const typed = anna.act([seeded], () => anna.text().insert(3, "typed"));
  anna.act([typed], () => anna.text().delete(2, 4));
  anna.act([typed], () => anna.text().delete(0, anna.text().length));
});

story("undo and redo", ({ seed, person, update }) => {
  const seeded = seed();
  const anna = person(ANNA).hears(update(seeded));
  const history = new Y.UndoManager(anna.text(), { captureTimeout: 0 });
  const typed = anna.act([seeded], () => anna.text().insert(0, "import math\n"));
  const cut = anna.act([typed], () => anna.text().delete(3, 12));
  const uncut = anna.act([cut], () => history.undo());
  const untyped = anna.act([uncut], () => history.undo());
  const retyped = anna.act([untyped], () => history.redo());
  anna.act([retyped], () => history.redo());
});

story("a new file", ({ seed, person, update }) => {
  const seeded = seed();
  const anna = person(ANNA).hears(update(seeded));
  const made = anna.act([], () => anna.doc.transact(() => anna.addFile("f1", "helpers.py", "def f():\n    pass\n")));
  const later = anna.act([made], () => anna.text("f1").insert(8, "  # later"));
  const empty = anna.act([later], () => anna.addFile("f2", "empty.py", ""));
  anna.act([empty], () => anna.text("f2").insert(0, "x"));
});

story("renaming, also by two people", ({ seed, person, update }) => {
  const seeded = seed();
  const anna = person(ANNA).hears(update(seeded));
  const ben = person(BEN).hears(update(seeded));
  const first = anna.act([seeded], () => anna.files.get("main").set("name", "a.py"));
  ben.hears(update(first));
  const second = ben.act([first], () => ben.files.get("main").set("name", "b.py"));
  const third = ben.act([second], () => ben.files.get("main").set("name", "ç.py"));
  anna.hears(update(second), update(third));
  anna.act([third], () => anna.files.get("main").set("name", "d.py"));
});

story("deleted files", ({ seed, person, update }) => {
  const seeded = seed();
  const anna = person(ANNA).hears(update(seeded));
  const history = new Y.UndoManager(anna.files, { captureTimeout: 0 });
  const made = anna.act([], () => anna.addFile("f1", "one.py", "1\n"));
  const typed = anna.act([made], () => anna.text("f1").insert(2, "2\n"));
  const gone = anna.act([typed], () => anna.files.delete("f1"));
  const back = anna.act([gone], () => history.undo());
  const overwritten = anna.act([back], () => anna.addFile("f1", "another.py", "other\n"));
  anna.act([overwritten], () => anna.files.delete("f1"));
  anna.act([seeded], () => anna.files.delete("main"));
});

story("three people merge what they did offline", ({ seed, person, update, send }) => {
  const seeded = seed();
  const people = [person(ANNA), person(BEN), person(CARO)];
  const offline = people.map((one) => {
    one.hears(update(seeded));
    one.doc.transact(() => {
      one.text().insert(5, `(${one.doc.clientID % 7})`);
      one.text().insert(0, "# mine\n");
      one.text().delete(9, 3);
      one.files.get("main").set("name", `${one.doc.clientID}.py`);
      one.addFile(`of-${one.doc.clientID}`, "own.py", "own");
    });
    return Y.encodeStateAsUpdate(one.doc, Y.encodeStateVectorFromUpdate(update(seeded)));
  });
  const sent = offline.map((brought) => send(brought, [seeded]));
  for (const one of people) one.hears(...offline);
  const [anna, ben] = people;
  const typed = anna.act([sent[0], sent[2]], () => anna.text().insert(14, "together"));
  ben.hears(update(typed));
  ben.act([typed, sent[1]], () => ben.text().delete(5, 12));
});

story("step 2 to a server with part of it", ({ seed, person, update, send }) => {
  const seeded = seed();
  const anna = person(ANNA).hears(update(seeded));
  const ben = person(BEN).hears(update(seeded));
  const first = anna.act([seeded], () => anna.text().insert(0, "first "));
  const known = Y.encodeStateVector(anna.doc);
  ben.hears(update(first));
  // What the server never got: two people who typed after each other, back and forth.
  for (let round = 0; round < 10; round++) {
    for (const [typist, listener] of [[anna, ben], [ben, anna]]) {
      listener.hears(typist.change(() => typist.text().insert(6 + 2 * round, `${round}`)));
    }
  }
  ben.hears(anna.change(() => anna.text().delete(2, 7)));
  const whole = send(Y.encodeStateAsUpdate(ben.doc, known), [first]);
  anna.act([whole], () => anna.text().insert(0, "on "));
});

story("updates that overlap what is known", ({ seed, person, update, send }) => {
  const seeded = seed();
  const anna = person(ANNA).hears(update(seeded));
  const first = anna.act([seeded], () => anna.text().insert(0, "abc"));
  const next = anna.change(() => anna.text().insert(3, "def"));
  const both = send(Y.mergeUpdates([update(first), next]), [seeded]);
  send(update(seeded), []);
  send(next, [first]);
  anna.act([both], () => anna.text().insert(6, "ghi"));
  send(Y.encodeStateAsUpdate(anna.doc), []);
});

story("after garbage collection", ({ seed, person, update, send }) => {
  const seeded = seed();
  const anna = person(ANNA).hears(update(seeded));
  const made = anna.act([], () => anna.addFile("f1", "gone.py", "gone soon\n".repeat(20)));
  const known = Y.encodeStateVector(anna.doc);
  const typed = anna.act([made], () => anna.text("f1").insert(4, "!"));
  anna.act([typed], () => anna.files.delete("f1"));
  anna.act([seeded], () => anna.text().delete(2, 9));
  const ben = person(BEN).hears(Y.encodeStateAsUpdate(anna.doc));
  const after = ben.act([seeded], () => ben.text().insert(2, "ok"));
  send(Y.encodeStateAsUpdate(ben.doc), []);
  const late = ben.act([after], () => ben.text().insert(4, "!"));
  anna.hears(update(after), update(late));
  send(Y.encodeStateAsUpdate(anna.doc, known), [seeded, made]);
});

story("a copy that keeps what is deleted", ({ seed, person, update, send }) => {
  const seeded = seed();
  const anna = person(ANNA, { gc: false }).hears(update(seeded));
  let last = seeded;
  for (const name of ["a.py", "b.py", "c.py"]) {
    last = anna.act([last], () => anna.files.get("main").set("name", name));
  }
  anna.act([last], () => anna.addFile("f1", "one.py", "1\n"));
  anna.act([seeded], () => anna.text().delete(0, 5));
  send(Y.encodeStateAsUpdate(anna.doc), []);
});

story("whole documents", ({ person, send }) => {
  const anna = person(ANNA);
  const ben = person(BEN);
  anna.addFile("main", "main.py", "def fib(n):\n");
  ben.hears(Y.encodeStateAsUpdate(anna.doc));
  for (let line = 0; line < 40; line++) {
    const [typist, listener] = line % 2 ? [anna, ben] : [ben, anna];
    typist.text().insert((line * 37) % typist.text().length, `line ${line}\n`);
    if (line % 3 === 0) typist.text().delete((line * 11) % (typist.text().length - 4), 3);
    if (line % 5 === 0) listener.hears(Y.encodeStateAsUpdate(typist.doc, Y.encodeStateVector(listener.doc)));
  }
  const ofAnna = send(Y.encodeStateAsUpdate(anna.doc), []);
  send(Y.encodeStateAsUpdate(ben.doc), []);
  send(Y.mergeUpdates([Y.encodeStateAsUpdate(anna.doc), Y.encodeStateAsUpdate(ben.doc)]), []);
  anna.hears(Y.encodeStateAsUpdate(ben.doc));
  anna.act([ofAnna], () => anna.text().insert(anna.text().length, "# the end\n"));
  send(Y.encodeStateAsUpdate(new Y.Doc()), []);
});

writeFileSync(new URL("../vectors/updates.json", import.meta.url), `${JSON.stringify(stories, null, 1)}\n`);

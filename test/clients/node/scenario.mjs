// What every client does with the server, as TAP; a client says how.
//
// A client is a class whose methods are the steps, in its library's own words.
// Its items are numbers: each has a vector, a text and a tag that follow from
// it, so that any answer can be checked here by comparing all of them.
import assert from 'node:assert/strict';

const DIMS = 8;
const ROWS = 200;
const NEAREST = 10;
// An approximate index may miss some of the nearest.
const FOUND_AT_LEAST = 8;
const QUERY = 1000;

// The access method that the client's index is to have; empty where the server
// has none of this name.
export const INDEX = process.env.CLIENT_INDEX ?? '';
// What the server has beside vector: types, and operator classes such as
// "hnsw:halfvec_l2_ops".
export const has = (what) => (process.env.CLIENT_HAS ?? '').split(' ').includes(what);

// Values in the order of their distances from the first one, by L2 and by cosine.
const TYPED = {
  halfvec: [[[1, 0, 2], [2, 1, 4], [5, 5, 0]], 'halfvec_l2_ops'],
  sparsevec: [[[1, 0, 2], [0, 3, 4], [5, 0, 0]], 'sparsevec_l2_ops'],
  bit: [['101', '111', '010'], 'bit_hamming_ops'],
};

// All elements are multiples of 1/16 below 8: halves have them too.
export const vector = (number) => Array.from({ length: DIMS }, (_, j) =>
  (((number * number * (j + 3) + number * (13 * j + 7) + 5) % 251) - 125) / 16);

export const text = (number) => `item ${number}`;

// The embedding of a text, in place of a model's.
export const embed = (content) => vector(Number(content.split(' ')[1]));

const tag = (key) => ['red', 'green', 'blue', 'grey'][key % 4];

export const l2 = (a, b) => Math.hypot(...a.map((x, j) => x - b[j]));

const dot = (a, b) => a.reduce((sum, x, j) => sum + x * b[j], 0);
export const cosine = (a, b) => 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

let count = 0;
const say = (result, name) => console.log(`${result} ${++count} - ${name}`);

// A step is well if it throws nothing; false tells that it was not.
async function step(name, work) {
  try {
    await work();
  } catch (error) {
    say('not ok', name);
    console.log((error.stack ?? String(error)).replace(/^/gm, '# '));
    return false;
  }
  say('ok', name);
  return true;
}

class Scenario {
  constructor(Client, distance) {
    this.Client = Client;
    this.distance = distance;
    this.numbers = new Map(Array.from({ length: ROWS }, (_, i) => [i + 1, i + 1]));
  }

  async open() {
    this.client = new this.Client();
    await this.client.open?.();
  }

  async create() {
    await this.open();
    await this.client.create();
  }

  async insert() {
    await this.client.insert(
      [...this.numbers].map(([key, number]) => ({ key, number, tag: tag(key) })));
  }

  // Are these the nearest, of all or of those with the tag?
  async check(only) {
    const from = (key) => this.distance(vector(QUERY), vector(this.numbers.get(key)));
    const rank = [...this.numbers.keys()]
      .filter((key) => only === undefined || tag(key) === only)
      .map(from).sort((a, b) => a - b);
    const bar = rank[NEAREST - 1] + 1e-5;
    const found = await this.client.search(QUERY, NEAREST, only);
    assert.equal(new Set(found).size, NEAREST, `found ${found}`);
    assert.equal(found.length, NEAREST, `found ${found}`);
    for (const key of found) {
      assert(this.numbers.has(key), `deleted ones in ${found}`);
      assert(only === undefined || tag(key) === only, `not all ${only}: ${found}`);
    }
    assert(found.filter((key) => from(key) <= bar).length >= FOUND_AT_LEAST,
      `found ${found.map(from)}, nearest are ${rank.slice(0, NEAREST)}`);
    return found;
  }

  // The farthest becomes the query itself: then it is the first.
  async update() {
    const from = (key) => this.distance(vector(QUERY), vector(key));
    this.moved = [...this.numbers.keys()].reduce((a, b) => (from(a) > from(b) ? a : b));
    this.numbers.set(this.moved, QUERY);
    await this.client.update(this.moved, QUERY, tag(this.moved));
    assert.equal((await this.check())[0], this.moved);
  }

  async delete() {
    this.numbers.delete(this.moved);
    await this.client.delete(this.moved);
    await this.check();
  }

  async reopen() {
    await this.client.close();
    await this.open();
    await this.check();
  }

  async typed(kind) {
    const [values, opclass] = TYPED[kind];
    const index = has(`${INDEX}:${opclass}`) ? opclass : undefined;
    assert.deepEqual(await this.client.typed(kind, values, index), values);
  }
}

export async function main(Client, distance = l2) {
  const scenario = new Scenario(Client, distance);
  if (await step('create', () => scenario.create()) &&
      await step('insert', () => scenario.insert())) {
    // Some make it with the table.
    if (INDEX && scenario.client.index) {
      await step('index', () => scenario.client.index());
    }
    await step('search', () => scenario.check());
    await step('filter', () => scenario.check('green'));
    await step('update', () => scenario.update());
    await step('delete', () => scenario.delete());
    await step('reopen', () => scenario.reopen());
    for (const kind of scenario.client.typed ? Object.keys(TYPED) : []) {
      if (has(kind)) {
        await step(kind, () => scenario.typed(kind));
      } else {
        say('ok', `${kind} # SKIP the server has no ${kind}`);
      }
    }
  }
  // Libraries leave connections behind that keep the program alive.
  process.exit(0);
}

#!/usr/bin/env node
/**
 * How busy many workers are, from measured times: `node benchmarks/clusterSimulation.mjs ['{"workers":100}']`. A discrete simulation of one
 * training: its process commits to each window, encrypts and stores its witness, and verifies its proof; workers fetch, prove and fail.
 * Prints one line of JSON. Assumptions: docs/operate/cluster.md.
 */

/** Times in seconds, sizes in bytes. */
export const DEFAULTS = {
  workers: 100,
  /** Windows a worker proves in the run, on average. */
  windowsPerWorker: 60,
  /** Of one proof; each differs by up to `spread` of it. */
  proving: 30,
  spread: 0.15,
  /** Of the trainer a window, on one of its cores: taking the steps, commitments, encryption, verification. */
  trainer: 0.25,
  trainerCores: 8,
  /** Of the queue a job: taking and returning it, beside the network. */
  queue: 0.02,
  /** A witness, and what a worker's network brings a second; the store's network is shared by all. */
  witness: 4e6,
  network: 125e6,
  store: 1.25e9,
  roundTrip: 0.005,
  /** A worker dies every so often on average; its job is another's after the lease, and it is back after so long. */
  failure: 4 * 3600,
  lease: 6,
  back: 60,
  /** Jobs in the queue for each worker: as the executor has it. */
  ahead: 2,
  seed: 1,
};

function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A heap of events by time. */
class Events {
  heap = [];
  push(at, run) {
    const { heap } = this;
    let n = heap.push({ at, run }) - 1;
    for (let up = (n - 1) >> 1; n > 0 && heap[up].at > at; up = (n - 1) >> 1) {
      [heap[n], heap[up]] = [heap[up], heap[n]];
      n = up;
    }
  }
  pop() {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop();
    if (heap.length === 0) return top;
    heap[0] = last;
    for (let n = 0; ; ) {
      let least = n;
      for (const child of [2 * n + 1, 2 * n + 2])
        if (child < heap.length && heap[child].at < heap[least].at) least = child;
      if (least === n) return top;
      [heap[n], heap[least]] = [heap[least], heap[n]];
      n = least;
    }
  }
}

/** Simulates one training. Gives the share of the workers' time in which they prove what is then used, while windows are left to put in. */
export function simulate(options = {}) {
  const o = { ...DEFAULTS, ...options };
  const draw = random(o.seed);
  const events = new Events();
  const total = o.workers * o.windowsPerWorker;
  const limit = o.ahead * o.workers;
  const ready = [];
  const idle = [];
  const cores = { free: o.trainerCores, waiting: [] };
  let [now, submitted, done, outstanding, useful, failures] = [0, 0, 0, 0, 0, 0];
  let steady;

  const onCore = (seconds, then) => {
    const begin = () => {
      cores.free--;
      events.push(now + seconds, () => {
        cores.free++;
        cores.waiting.shift()?.();
        then();
      });
    };
    if (cores.free > 0) begin();
    else cores.waiting.push(begin);
  };
  const submit = () => {
    while (outstanding < limit && submitted < total) {
      submitted++;
      outstanding++;
      if (submitted === total) steady = { at: now, useful };
      // Most of the trainer's work stands before a job, the verification after it.
      onCore(o.trainer * 0.8, () => events.push(now + o.roundTrip + o.witness / o.network, () => arrive()));
    }
  };
  const arrive = () => {
    ready.push(1);
    assign();
  };
  const assign = () => {
    while (ready.length > 0 && idle.length > 0) {
      ready.pop();
      take(idle.pop());
    }
  };
  const take = (worker) => {
    // The store's network is shared by those that fetch on average.
    const share = Math.min(
      o.network,
      o.store / Math.max(1, (o.workers * (o.witness / o.network)) / o.proving),
    );
    const fetching = o.queue + 2 * o.roundTrip + o.witness / share;
    const proving = o.proving * (1 + o.spread * (2 * draw() - 1));
    const dies = -Math.log(1 - draw()) * o.failure;
    if (dies < fetching + proving) {
      failures++;
      events.push(now + dies + o.lease, arrive);
      events.push(now + dies + o.back, () => free(worker));
      return;
    }
    events.push(now + fetching + proving, () => {
      useful += proving;
      free(worker);
      onCore(o.trainer * 0.2, () => {
        done++;
        outstanding--;
        submit();
      });
    });
  };
  const free = (worker) => {
    idle.push(worker);
    assign();
  };
  for (let n = 0; n < o.workers; n++) idle.push(n);
  submit();
  while (done < total) {
    const event = events.pop();
    now = event.at;
    event.run();
  }
  return {
    ...o,
    windows: total,
    seconds: now,
    failures,
    busy: steady.useful / (steady.at * o.workers),
    busyWithEnd: useful / (now * o.workers),
  };
}

if (process.argv[1] === new URL(import.meta.url).pathname)
  console.log(JSON.stringify(simulate(JSON.parse(process.argv[2] ?? '{}'))));

// node bench.mjs find64|save64 URL SECONDS, memory SESSIONS SECONDS, or manager-memory SECONDS:
// prints one line of JSON.

import { createHash, randomBytes } from 'node:crypto'
import { SessionManager, Store } from '../../bindings-node/index.mjs'

const CALLERS = 64
const PRELOADED = 10_000
const SIZE = 300
const LIFETIME = 24 * 3600e3

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1]

async function preload (store, count) {
  // Those of the other languages: on a server all work on the same rows.
  const tokens = Array.from({ length: count }, (_, number) => String(number).padStart(43, '0'))
  for (let from = 0; from < count; from += 1000) {
    const rows = tokens.slice(from, from + 1000)
      .map((token) => ({ token, data: randomBytes(SIZE), expires: LIFETIME }))
    await store.saveMany(rows)
  }
  return tokens
}

// So many callers at a time, each with one operation after the other.
async function throughput (url, seconds, operation) {
  const store = new Store(url, { cleanupInterval: 0 })
  await store.migrate()
  const tokens = await preload(store, PRELOADED)
  const times = []
  const drive = async (until) => {
    while (performance.now() < until) {
      const started = performance.now()
      await operation(store, tokens[Math.floor(Math.random() * tokens.length)])
      times.push(performance.now() - started)
    }
  }
  const run = async (seconds) => {
    const started = performance.now()
    const until = started + seconds * 1000
    await Promise.all(Array.from({ length: CALLERS }, () => drive(until)))
    return performance.now() - started
  }
  await run(Math.min(1, seconds / 4)) // opens the connections, compiles the code
  times.length = 0
  const took = await run(seconds)
  await store.close()
  const sorted = Float64Array.from(times).sort()
  return {
    ops_per_second: Math.round(times.length / took * 1000),
    p99_us: Math.round(sorted[Math.floor(sorted.length * 0.99)] * 1000)
  }
}

async function find (store, token) {
  if (await store.find(token) === null) throw new Error('a session is missing')
}

// Another content each time: the server skips the write of a row that stays as it is.
const contents = Array.from({ length: 64 }, () => randomBytes(SIZE))
let turn = 0
async function save (store, token) {
  await store.save(token, contents[turn++ % contents.length], LIFETIME)
}

// The baseline is what a program that stores hashed tokens cannot do without.
async function memory (sessions, seconds) {
  const store = new Store('memory:', { cleanupInterval: 0 })
  const tokens = await preload(store, sessions)
  const order = Array.from({ length: 1 << 16 }, () => tokens[Math.floor(Math.random() * sessions)])
  const sides = {
    ours: async (count) => {
      for (let i = 0; i < count; i++) await store.find(order[i & 0xffff])
    },
    baseline: async (count) => {
      for (let i = 0; i < count; i++) {
        await createHash('sha256').update(order[i & 0xffff]).digest()
      }
    }
  }
  const measure = async (side, seconds) => {
    const started = performance.now()
    let count = 0
    do {
      await sides[side](2000)
      count += 2000
    } while (performance.now() - started < seconds * 1000)
    return (performance.now() - started) * 1e6 / count
  }
  const rounds = { ours: [], baseline: [] }
  for (const side of Object.keys(sides)) await measure(side, 0.2)
  for (let round = 0; round < 5; round++) {
    for (const side of Object.keys(sides)) rounds[side].push(await measure(side, seconds / 10))
  }
  const [ns, baseline] = [median(rounds.ours), median(rounds.baseline)]
  return { ns: Math.round(ns), baseline_ns: Math.round(baseline), ratio: ns / baseline }
}

// About 1 KB, as shops keep it: the session of core/examples/bench_manager.rs.
const cart = Array.from({ length: 12 }, (_, number) =>
  ({ sku: `item-${String(number).padStart(5, '0')}`, count: number, price: 9.75 }))
const document = JSON.stringify({
  deadline: 4_102_444_800_000_000,
  values: {
    user: 4711,
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    admin: false,
    csrf: 'x'.repeat(43),
    locale: 'en-GB',
    seen: 1_704_067_200,
    cart,
    history: Array.from({ length: 14 }, (_, page) => `/shop/page/${page}`)
  }
})

// A session that is loaded, read, changed and stored, against the same work by hand.
async function manager (seconds) {
  const store = new Store('memory:', { cleanupInterval: 0 })
  const sessions = new SessionManager(store)
  const tokens = Array.from({ length: PRELOADED }, (_, number) => String(number).padStart(43, '0'))
  await store.saveMany(tokens.map((token) => ({ token, data: document, expires: LIFETIME })))
  let number = 0
  const next = () => tokens[++number * 7919 % PRELOADED]
  const sides = {
    hand: async (token) => {
      const { data } = await store.find(token)
      const session = JSON.parse(data.toString())
      session.values.seen = session.values.seen + 1
      await store.save(token, JSON.stringify(session), LIFETIME)
    },
    ours: async (token) => {
      const session = await sessions.load(token)
      session.put('seen', session.getNumber('seen') + 1)
      const result = await sessions.commit(session)
      if (result.token === null) throw new Error('a session is missing')
    },
    // The form for requests that may not read: its values cross to JavaScript one by one.
    lazy: async (token) => {
      const session = sessions.lazy(token)
      session.put('seen', await session.getNumber('seen') + 1)
      const result = await sessions.commit(session)
      if (result.token === null) throw new Error('a session is missing')
    }
  }
  const measure = async (side, seconds) => {
    const started = performance.now()
    let count = 0
    do {
      for (let i = 0; i < 1000; i++) await sides[side](next())
      count += 1000
    } while (performance.now() - started < seconds * 1000)
    return (performance.now() - started) * 1e6 / count
  }
  const rounds = { hand: [], ours: [], lazy: [] }
  for (const side of Object.keys(sides)) await measure(side, 0.3)
  for (let round = 0; round < 5; round++) {
    for (const side of Object.keys(sides)) rounds[side].push(await measure(side, seconds / 10))
  }
  const [ns, hand, lazy] = [median(rounds.ours), median(rounds.hand), median(rounds.lazy)]
  return {
    ns: Math.round(ns), by_hand_ns: Math.round(hand), ratio: ns / hand, bytes: document.length,
    lazy_ns: Math.round(lazy), lazy_ratio: lazy / hand
  }
}

const [workload, ...args] = process.argv.slice(2)
const [where] = args
const seconds = args.at(-1)
const workloads = {
  find64: () => throughput(where, Number(seconds), find),
  save64: () => throughput(where, Number(seconds), save),
  memory: () => memory(Number(where), Number(seconds)),
  'manager-memory': () => manager(Number(seconds))
}
if (!Object.hasOwn(workloads, workload) || !(Number(seconds) > 0)) {
  console.error('bench.mjs find64|save64 URL SECONDS, memory SESSIONS SECONDS, or manager-memory SECONDS')
  process.exit(2)
}
console.log(JSON.stringify(await workloads[workload]()))

// Runs the shared vectors (tests/README.md) through the promise API, on the store that
// SESSIO_VECTORS_URL names: memory: if it names none. SESSIO_VECTOR names one file or one case, where
// not all are wanted.

import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import { Key, ManualClock, SessioError, SessionManager, Store, generateToken } from '../index.mjs'
import { asFarAsAsked, openSessions, sessionVerbs } from './session_steps.mjs'

const folder = new URL('../../tests/vectors/', import.meta.url)
const START = 1704067200000
const url = process.env.SESSIO_VECTORS_URL ?? 'memory:'
const wanted = process.env.SESSIO_VECTOR
const inMemory = url.startsWith('memory:')

const text = (value) => typeof value === 'string' ? value : value.text.repeat(value.times)

function bytes (value) {
  if (typeof value === 'string') return Buffer.from(value)
  const unit = value.hex === undefined ? Buffer.from(value.text) : Buffer.from(value.hex, 'hex')
  return Buffer.concat(Array(value.times ?? 1).fill(unit))
}

// A number of thirty years and more is refused here, because it is taken for Date.now(); so that
// far the vectors go by Date.
function expires (value, clock) {
  if (value === null) return null
  if (value.at !== undefined) return new Date(START + value.at)
  return value.after < 1e12 ? value.after : new Date(clock.now().getTime() + value.after)
}

// A step's fields are taken one by one; what is left over was not understood.
class Step {
  constructor (fields, clock, run) {
    this.left = { ...fields }
    this.clock = clock
    // Runs another step, for those that have steps within.
    this.run = run
  }

  take (name) {
    const value = this.left[name]
    assert.notEqual(value, undefined, `${name} is missing`)
    delete this.left[name]
    return value
  }

  optional (name, convert) {
    return name in this.left ? convert(this.take(name)) : undefined
  }

  text (name) { return text(this.take(name)) }
  bytes (name) { return bytes(this.take(name)) }
  expires () { return expires(this.take('expires'), this.clock) }
  subject () { return { subject: this.optional('subject', (value) => value && text(value)) } }
  content () { return [this.bytes('data'), this.expires(), this.subject()] }
  after () { return { after: this.optional('after', (key) => key === null ? null : new Key(text(key))) } }
  tokens () { return this.take('tokens').map(text) }

  target () {
    return 'key' in this.left ? new Key(this.text('key')) : this.text('token')
  }

  rows () {
    return this.take('rows').map((fields) => {
      const row = new Step(fields, this.clock)
      const [data, expires, subject] = row.content()
      const whole = { token: row.text('token'), data, expires, ...subject }
      row.end()
      return whole
    })
  }

  end () {
    assert.deepEqual(Object.keys(this.left), [], 'unknown fields')
  }
}

// What the API gives, in the form of the vectors; data as hex, so that a difference is readable.
const record = (value) => value && {
  data: value.data.toString('hex'),
  expires: value.expiresAt && value.expiresAt.getTime() - START,
  subject: value.subject
}
const page = ({ entries, next }) => ({
  entries: entries.map((entry) => ({ key: String(entry.key), ...record(entry) })),
  next: next && String(next)
})

// What the vectors expect, in the same form.
const wantedRecord = (value) => {
  if (value === null) return null
  const { data, expires, subject = null, ...others } = value
  return { data: bytes(data).toString('hex'), expires, subject: subject && text(subject), ...others }
}
const wantedPage = ({ entries, next, ...others }) =>
  ({ entries: entries.map(wantedRecord), next, ...others })
const same = (value) => value
const camel = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase())

// Each verb: what to call, how to read its result, and how to read what is wanted.
const verbs = {
  find: [(store, step) => store.find(step.target()), record, wantedRecord],
  exists: [(store, step) => store.exists(step.target())],
  save: [(store, step) => store.save(step.target(), ...step.content())],
  insert: [(store, step) => store.insert(step.target(), ...step.content())],
  update: [(store, step) => store.update(step.target(), ...step.content())],
  replace: [(store, step) =>
    store.replace(step.target(), step.bytes('expected'), ...step.content())],
  touch: [(store, step) => store.touch(step.target(), step.expires())],
  rename: [(store, step) => {
    const from = step.target()
    const to = step.text('to')
    if (!('data' in step.left)) return store.rename(from, to)
    const [data, expires, subject] = step.content()
    return store.rename(from, to, { data, expires, ...subject })
  }],
  delete: [(store, step) => store.delete(step.target())],
  find_many: [(store, step) => store.findMany(step.tokens()),
    (records) => records.map(record), (records) => records.map(wantedRecord)],
  save_many: [(store, step) => store.saveMany(step.rows())],
  delete_many: [(store, step) => store.deleteMany(step.tokens())],
  clear_store: [(store) => store.clear()],
  count: [(store) => store.count()],
  list: [(store, step) => store.list(step.take('limit'), step.after()), page, wantedPage],
  list_subject: [(store, step) =>
    store.listSubject(step.text('subject'), step.take('limit'), step.after()), page, wantedPage],
  delete_subject: [(store, step) =>
    store.deleteSubject(step.text('subject'), { keep: step.optional('keep', text) })],
  delete_expired: [(store, step) => store.deleteExpired(step.take('limit'))],
  migrate: [(store) => store.migrate()],
  migrate_from: [(store, step) => store.migrateFrom(step.text('from'))],
  ping: [(store) => store.ping()],
  stop_cleanup: [(store) => store.stopCleanup()],
  close: [(store) => store.close()],
  check: [(store) => store.check(), (issues) => issues.map(({ code }) => code)],
  stats: [async (store, step) => {
    const counter = camel(step.take('counter'))
    const stats = await store.stats()
    assert.ok(counter in stats, `there is no counter ${counter}`)
    return stats[counter]
  }],
  generate_token: [async () => generateToken(), (token) => token.length],
  advance: [async (_, step) => step.clock.advance(step.take('ms'))],
  ...sessionVerbs(START)
}

async function runStep (store, clock, sessions, fields) {
  const step = new Step(sessions.fillIn(fields), clock, (another) => runStep(store, clock, sessions, another))
  const verb = step.take('do')
  assert.ok(Object.hasOwn(verbs, verb), `there is no step ${verb}`)
  const [call, read = same, want = same] = verbs[verb]
  const fails = step.optional('fails', same)
  const gives = 'gives' in fields ? want(step.take('gives')) : undefined
  assert.ok(fails === undefined || !('gives' in fields), 'gives and fails')
  let got
  try {
    const answer = await call(store, step, sessions)
    got = answer === undefined ? undefined : read(answer)
  } catch (error) {
    if (!(error instanceof SessioError) || fails === undefined) throw error
    step.end()
    return assert.equal(error.code, fails)
  }
  step.end()
  assert.equal(fails, undefined, 'it succeeded')
  assert.deepEqual(asFarAsAsked(got, gives), gives)
}

async function runCase ({ name, options = {}, manager = {}, steps, ...others }, number, form) {
  assert.deepEqual(Object.keys(others), [], 'unknown fields of a case')
  const clock = new ManualClock(new Date(START))
  const settings = { cleanupInterval: 0, clock }
  for (const [option, value] of Object.entries(options)) settings[camel(option)] = value
  if (!inMemory) settings.table = `node_${process.pid}_${number}`
  const store = new Store(url, settings)
  if (!inMemory) await store.migrate()
  const given = Object.entries(manager).map(([option, value]) => [camel(option), value])
  const sessions = openSessions(new SessionManager(store, Object.fromEntries(given)), form)
  for (const [index, step] of steps.entries()) {
    try {
      await runStep(store, clock, sessions, step)
    } catch (error) {
      // What a lazy session says at its first read, loading says itself.
      if (form === 'load' && error.code === 'Corrupt' && steps[index + 1].fails === 'Corrupt') break
      throw new Error(`"${name}" (${form}), step ${index + 1} (${step.do})`, { cause: error })
    }
  }
  await store.close()
  return steps.length
}

// Cases about sessions that are not loaded, or not yet.
const LAZY_ONLY = [
  'who does not look is not there', 'every way to look at it is noticed', 'a session that was not read adds nothing',
  'a request that does not look leaves it', 'a logout that does not look ends it too',
  'an increment of what turns out to be text is the commit\'s error, until another value is put there',
  'TestSessionManager_Load/with_error_finding_token_in_store'
]

let cases = 0
let steps = 0
for (const file of (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()) {
  const { format, about, cases: list, ...others } = JSON.parse(await readFile(new URL(file, folder), 'utf8'))
  assert.equal(format, 1, `${file}: unknown format`)
  assert.equal(typeof about, 'string', `${file}: about`)
  assert.deepEqual(Object.keys(others), [], `${file}: unknown fields`)
  for (const one of list) {
    if (wanted !== undefined && wanted !== one.name && `${wanted}.json` !== file) continue
    cases += 1
    steps += await runCase(one, cases, 'lazy')
    // In memory also as sessions that are read when they are loaded.
    if (inMemory && !LAZY_ONLY.includes(one.name)) await runCase(one, cases, 'load')
  }
}
assert.notEqual(cases, 0, `no file in ${folder.pathname} and no case has the name ${wanted}`)
console.log(`vectors: ${cases} cases, ${steps} steps`)

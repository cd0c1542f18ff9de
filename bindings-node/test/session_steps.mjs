// The steps of the vectors that are about sessions: tests/README.md, "Vectors of sessions".

import assert from 'node:assert/strict'
import { Key } from '../index.mjs'
import { inside, toNative } from './values.mjs'

// What a case remembers: the views that requests have, and tokens, by name. How it loads sessions is
// `lazy`, or `load`.
export function openSessions (manager, form) {
  const open = new Map()
  const tokens = new Map()
  const fill = (value) => {
    if (Array.isArray(value)) return value.map(fill)
    if (typeof value !== 'string') return value
    return value.replace(/\$(\w+)/g, (text, name) => tokens.get(name) ?? text)
  }
  return {
    manager,
    form,
    open: (name, session) => open.set(name, session),
    remember: (name, token) => tokens.set(name, token),
    // Remembered tokens in the place of their names, wherever a step names a token.
    fillIn: (step) => {
      const filled = { ...step }
      for (const field of ['token', 'to', 'keep', 'cookie', 'header', 'tokens']) {
        if (field in filled) filled[field] = fill(filled[field])
      }
      return filled
    },
    named: (step) => {
      const name = step.text('in')
      assert.ok(open.has(name), `there is no session ${name}`)
      return open.get(name)
    }
  }
}

function load ({ manager, form }, step) {
  if ('cookie' in step.left) {
    const cookie = step.take('cookie')
    return manager[`${form}Cookie`](Array.isArray(cookie) ? cookie.map(fullText) : fullText(cookie))
  }
  if ('header' in step.left) return manager[`${form}Header`](step.text('header'))
  const token = step.take('token')
  return manager[form](token === null ? null : fullText(token))
}

const fullText = (value) => typeof value === 'string' ? value : value.text.repeat(value.times)
const same = (value) => value
const value = (step) => toNative(step.take('value'))

// No value and the value null are the same to a vector.
const orNull = (found) => found === undefined ? null : found

// Of a cookie only what it does.
function whatCookieDoes (cookie) {
  if (cookie === null) return null
  if (cookie.maxAge === 0) return 'clear'
  return cookie.maxAge === null ? 'session' : 'set'
}

// Of the cookie, which is another one each time, the name.
const headersOf = ({ headers, setCookie }) =>
  headers.map(([name, value]) => value === setCookie ? name : `${name}: ${value}`)

// What is compared only where a step has it.
const ONLY_IF_ASKED = ['read', 'headers', 'attributes']

export function asFarAsAsked (got, wanted) {
  if (got?.outcome === undefined) return got
  const asked = ([name]) => !ONLY_IF_ASKED.includes(name) || name in wanted
  return Object.fromEntries(Object.entries(got).filter(asked))
}

export function sessionVerbs (start) {
  const since = (date) => date && date.getTime() - start
  const attributes = (cookie, token) => cookie && {
    name: cookie.name,
    value: cookie.value === token ? 'token' : cookie.value,
    path: cookie.path,
    domain: cookie.domain,
    expires: since(cookie.expires),
    max_age: cookie.maxAge === null ? null : cookie.maxAge / 1000,
    secure: cookie.secure,
    http_only: cookie.httpOnly,
    same_site: cookie.sameSite,
    partitioned: cookie.partitioned
  }
  const tellSent = (result, name, sessions) => {
    const { outcome, token, expiresAt, cookie, wasRead } = result
    if (name !== undefined && token !== null) sessions.remember(name, token)
    return {
      outcome,
      expires: since(expiresAt),
      cookie: whatCookieDoes(cookie),
      read: wasRead,
      headers: headersOf(result),
      attributes: attributes(cookie, token)
    }
  }
  // A step on a named session: what it calls, how its answer is told, and what is wanted.
  const on = (call, tell = same, want = same) =>
    [async (_, step, sessions) => tell(await call(sessions.named(step), step)), same, want]
  return {
    load: [async (_, step, sessions) => {
      sessions.open(step.text('as'), await load(sessions, step))
    }],
    list_sessions: [async (_, step, { manager, open }) => {
      const [names, limit] = [step.take('as'), step.take('limit')]
      const after = step.optional('after', (key) => new Key(fullText(key)))
      const subject = step.optional('subject', fullText)
      const { sessions, next } = subject === undefined
        ? await manager.list(limit, { after })
        : await manager.listSubject(subject, limit, { after })
      names.slice(0, sessions.length).forEach((name, index) => open(name, sessions[index]))
      return { count: sessions.length, next: next !== null }
    }],
    same: [async (_, step) => new Set(step.take('tokens')).size === 1],
    events: [async (_, step, { manager }) => {
      const [counter, stats] = [step.text('counter'), manager.stats()]
      assert.ok(Object.hasOwn(stats, counter), `there is no counter ${counter}`)
      return stats[counter]
    }],
    create: [async (_, step, sessions) => {
      sessions.open(step.text('as'), sessions.manager.create(step.text('token')))
    }],
    find_session: [async (_, step, sessions) => {
      const name = step.text('as')
      const who = 'key_text' in step.left ? Key.parse(step.text('key_text')) : step.text('token')
      const session = await sessions.manager.find(who)
      if (session !== null) sessions.open(name, session)
      return session !== null
    }],
    transact: [async (_, step, sessions) => {
      const [token, name, rounds] = [step.text('token'), step.text('as'), step.take('rounds')]
      const tokenAs = step.optional('token_as', same)
      let round = 0
      const done = await sessions.manager.transact(token, async (session) => {
        assert.ok(round < rounds.length, `it was run more than ${rounds.length} times`)
        sessions.open(name, session)
        for (const one of rounds[round++]) await step.run(one)
        return round
      })
      assert.equal(round, rounds.length, 'how often it was run')
      if (done === null) return null
      assert.equal(done.value, round)
      return tellSent(done.result, tokenAs, sessions)
    }],
    ensure_token: [async (_, step, sessions) => {
      const [session, name] = [sessions.named(step), step.optional('token_as', same)]
      const token = await session.ensureToken()
      if (name !== undefined && token !== null) sessions.remember(name, token)
      return token !== null
    }],
    commit: [async (_, step, sessions) => {
      const [session, name] = [sessions.named(step), step.optional('token_as', fullText)]
      return tellSent(await sessions.manager.commit(session), name, sessions)
    }],
    put: on((session, step) => session.put(step.text('key'), value(step))),
    flash: on((session, step) => session.flash(step.text('key'), value(step))),
    get: on((session, step) => session.get(step.text('key')), orNull, toNative),
    pop: on((session, step) => session.pop(step.text('key')), orNull, toNative),
    take: on((session, step) => session.take(step.text('key')), orNull, toNative),
    increment: on((session, step) => session.increment(step.text('key'), step.take('by'))),
    append: on((session, step) => session.append(step.text('key'), value(step))),
    contains: on((session, step) => session.contains(step.text('key'))),
    remove: on((session, step) => session.remove(step.text('key'))),
    keys: on((session) => session.keys()),
    values: on((session) => session.values(), same, inside),
    snapshot: on((session) => session.snapshot(), same, toNative),
    assign: on((session, step) => session.assign(toNative(step.take('values')))),
    put_if_changed: on((session, step) => session.putIfChanged(step.text('key'), value(step))),
    flashes: on((session) => session.flashes(), same, inside),
    renew: on((session) => session.renew()),
    regenerate: on((session) => session.regenerate()),
    store_empty: on((session) => session.storeEmpty()),
    expires_at: on((session) => session.expiresAt(), since),
    merge_from: on((session, step) => session.mergeFrom(step.text('token'))),
    deadline: on((session) => session.deadline(), since),
    set_deadline: on((session, step) => session.setDeadline(new Date(start + step.take('at')))),
    remembered: on((session) => session.remembered()),
    touch_session: on((session) => session.touch()),
    idle_timeout: on((session) => session.idleTimeout()),
    set_idle_timeout: on((session, step) => session.setIdleTimeout(step.take('ms'))),
    extra: on((session, step) => session.extra(step.text('name')), orNull, toNative),
    set_extra: on((session, step) => session.setExtra(step.text('name'), step.optional('value', toNative))),
    remember_me: on((session, step) => session.rememberMe(step.take('on'))),
    subject: on((session) => session.subject()),
    set_subject: on((session, step) => {
      const subject = step.take('subject')
      session.setSubject(subject === null ? null : fullText(subject))
    }),
    status: on((session) => session.status),
    is_new: on((session) => session.isNew()),
    has_token: on((session) => session.token !== null),
    clear: on((session) => session.clear()),
    destroy: on((session) => session.destroy())
  }
}

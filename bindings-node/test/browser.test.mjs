// Browsers with several requests on their way: the user ends where the last deliberate action put them,
// in whatever order the requests are worked on and answered.

import assert from 'node:assert/strict'
import { Agent, createServer } from 'node:http'
import test from 'node:test'
import { SessionManager, Store } from '../index.mjs'
import { Browser, CookieJar } from './browser.mjs'

const RUNS = 500
const AT_ONCE = 25

// Between any two steps, others get their turns.
function pause () {
  const long = Math.random()
  if (long < 0.3) return undefined
  return new Promise((resolve) => long < 0.6 ? setImmediate(resolve) : setTimeout(resolve, Math.random() * 4))
}

// What the pages do with their session.
const pages = {
  '/': () => {},
  '/poll': (session) => { session.get('user') },
  '/write': (session) => session.increment('writes'),
  '/cart': (session) => {
    if (session.has('cart')) session.get('cart').push('tea')
    else session.put('cart', ['tea'])
  },
  '/renew': (session) => { session.renew() },
  '/login': (session) => {
    session.renew()
    session.put('user', 'ada')
    session.setSubject('ada')
  },
  '/logout': (session) => session.destroy()
}

// A site; `spoil` puts a defect into it.
async function open (t, { options = {}, spoil = () => {} } = {}) {
  const manager = new SessionManager(new Store('memory:', { cleanupInterval: 0 }), { cookieSecure: false, ...options })
  const work = async (request, response) => {
    const session = await manager.loadCookie(request.headers.cookie)
    await pause()
    await pages[request.url](session)
    await pause()
    const user = session.get('user')
    const result = await manager.commit(session)
    await pause()
    for (const [name, value] of result.headers) response.appendHeader(name, value)
    spoil(result, response)
    response.end(user ?? 'anonymous')
  }
  const server = createServer((request, response) => {
    work(request, response).catch((error) => response.writeHead(500).end(`${error.stack}`))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const agent = new Agent({ keepAlive: true, maxSockets: 6 * AT_ONCE })
  t.after(() => {
    agent.destroy()
    server.close()
  })
  return { manager, browser: () => new Browser(server.address().port, agent) }
}

// Requests that the page makes by itself, some of them later.
const background = (browser, ...paths) => Promise.all(paths.map(async (path) => {
  await pause()
  await browser.visit(path)
}))

// What happens; where the user must be then; and whether the token from before may still be good.
const scenarios = {
  'a login that was clicked twice': async (browser) => {
    if (Math.random() < 0.5) await browser.visit('/write')
    await Promise.all([browser.visit('/login'), background(browser, '/login', '/poll')])
    return 'ada'
  },
  'slow requests during a login': async (browser) => {
    await browser.visit('/write')
    const slow = background(browser, '/write', '/cart', '/poll')
    await pause()
    await browser.visit('/login')
    await slow
    return 'ada'
  },
  'a logout while polls are running': async (browser) => {
    await browser.visit('/login')
    const before = browser.jar.header()
    const polls = background(browser, '/poll', '/write', '/poll', '/cart')
    await pause()
    await browser.visit('/logout')
    await polls
    return ['anonymous', before]
  },
  'requests of a page after a renewal': async (browser) => {
    await browser.visit('/login')
    const before = browser.jar.header()
    const early = background(browser, '/cart', '/write', '/poll')
    await browser.visit('/renew')
    assert.notEqual(browser.jar.header(), before)
    // These have the new cookie.
    assert.equal(await browser.visit('/write'), 'ada')
    await early
    return ['ada', before]
  }
}

// One browser after the other, several at a time; what went wrong in how many.
async function play (site, scenario, runs) {
  const wrong = []
  let left = runs
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) {
      const browser = site.browser()
      try {
        const [user, old] = [await scenario(browser)].flat()
        assert.equal(await browser.visit('/'), user)
        if (old !== undefined) {
          const thief = site.browser()
          thief.jar.set(old)
          assert.equal(await thief.visit('/'), 'anonymous', 'the old token is good')
        }
      } catch (error) {
        wrong.push(error)
      }
    }
  }))
  return wrong
}

for (const [name, scenario] of Object.entries(scenarios)) {
  test(`${name}: ${RUNS} interleavings`, async (t) => {
    const site = await open(t)
    const wrong = await play(site, scenario, RUNS)
    assert.deepEqual(wrong.map(({ message }) => message).slice(0, 3), [], `${wrong.length} of ${RUNS}`)
    assert.ok(Object.values(site.manager.stats()).some((count) => count >= RUNS), 'nothing has happened')
  })
}

// If these stopped being noticed, the tests above would prove nothing.
const defects = {
  'the answer of a late request that takes the cookie away': {
    spoil: ({ outcome }, response) => {
      if (outcome === 'gone') response.appendHeader('Set-Cookie', 'session=; Path=/; Max-Age=0')
    }
  },
  'a late write that gets a session of its own': { options: { endedWindow: 0 } }
}

for (const [name, defect] of Object.entries(defects)) {
  test(`${name} would be noticed`, async (t) => {
    const wrong = await play(await open(t, defect), scenarios['slow requests during a login'], 100)
    assert.ok(wrong.length > 0)
    for (const { message } of wrong) assert.match(message, /'anonymous' !== 'ada'|anonymous[^]*ada/)
  })
}

test('the jar is a browser\'s', () => {
  const jar = new CookieJar()
  jar.set('a=1')
  jar.set('b="2"; Path=/shop; HttpOnly', '/shop/cart')
  jar.set('c=3', '/shop/cart')
  jar.set('d=4; Expires=Thu, 01 Jan 1970 00:00:00 GMT')
  jar.set('e=5; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT')
  assert.equal(jar.header('/'), 'a=1; e=5')
  assert.equal(jar.header('/shop/x'), 'b="2"; c=3; a=1; e=5')
  assert.equal(jar.header('/shopping'), 'a=1; e=5')
  jar.set('a=9; Max-Age=60')
  jar.set('e=; Max-Age=0')
  jar.set('b=; Max-Age=0') // of another path
  assert.equal(jar.header('/shop'), 'b="2"; c=3; a=9')
})
